"""The report of a dataset: the viewer and the overview."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.reports.report import MOST_ITEMS, write_report


def data_of(page: Path) -> dict[str, Any]:
    found = re.search(r'id="viewer-data">(.*?)</script>', page.read_text(encoding="utf-8"))
    assert found
    return json.loads(found[1])


def test_the_report_holds_items_of_all_subsets(made_tiny: Path, tmp_path: Path):
    seen: list[tuple[str, int, int]] = []
    page = write_report(made_tiny, tmp_path, metrics={"l2": l2}, progress=lambda *step: seen.append(step))
    data = data_of(page)
    subsets = [Dataset(made_tiny).sealed(name) for name in ("2afc/val/tiny", "jnd/val/tiny", "2afc/train/tiny")]
    assert [(s["name"], s["count"]) for s in data["subsets"]] == [(s.name, len(s)) for s in subsets]
    assert data["subsets"][0]["replay"] == f"bappsmith replay {made_tiny} 2afc/val/tiny"
    assert [labelling["name"] for labelling in data["labellings"]] == ["recipe"]
    assert {operator["name"]: operator["family"] for operator in data["operators"]}["jpeg"] == "compression"
    assert ("pictures", 19, 19) in seen
    images = subsets[0].images(0)
    d1 = np.frombuffer(base64.b64decode(data["metrics"][0]["d1"]["data"]), "<f4")
    difference = (images["ref"].astype(float) - images["p1"]) / 127.5
    assert d1[0] == pytest.approx((difference**2).mean(), rel=1e-4)
    overview = (tmp_path / "overview.html").read_text(encoding="utf-8")
    assert "contact sheet of 2afc/train/tiny" in overview
    assert 'href="overview.html"' in page.read_text(encoding="utf-8")


def test_fewer_items_are_chosen_evenly(made_tiny: Path, tmp_path: Path):
    data = data_of(write_report(made_tiny, tmp_path, items=6))
    assert [(s["count"], s["total"]) for s in data["subsets"]] == [(2, 6), (2, 5), (2, 8)]


def test_more_items_than_a_page_can_show_are_refused(made_tiny: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match="at most 100,000 items, asked for 100,001; give fewer with --items"):
        write_report(made_tiny, tmp_path / "r", items=MOST_ITEMS + 1)
    assert not (tmp_path / "r").exists()
