"""The page of the viewer: one file, or a page with pictures beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from bappsmith.manifests.viewer import page as module
from bappsmith.manifests.viewer.page import viewer_script, write_viewer

from .conftest import FAMILIES, HOSTILE, make_items


def test_a_page_of_few_items_is_one_file_whose_policy_allows_its_own_script_only(tmp_path: Path):
    done: list[int] = []
    path = tmp_path / "index.html"
    write_viewer(path, HOSTILE, [make_items(), make_items(30, "jnd")], families=FAMILIES, progress=done.append)
    assert [entry.name for entry in tmp_path.iterdir()] == ["index.html"]
    page = path.read_text(encoding="utf-8")
    assert HOSTILE not in page
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert scripts == [viewer_script()]
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert page.count('type="text/plain"') == 2
    assert done == [40, 70]


def test_pictures_of_many_items_are_files_beside_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "ONE_FILE_PIXELS", 100)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/000007.webp").touch()  # of a larger report, written before
    write_viewer(tmp_path / "index.html", "Many", [make_items(600)], families=FAMILIES)
    names = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert names == ["000000.webp", "000001.webp", "000002.webp"]
    assert "text/plain" not in (tmp_path / "index.html").read_text(encoding="utf-8")
