"""The fixed set of files that the browser may ask for."""

from __future__ import annotations

import re

import pytest

from bappsmith.annotation.pages.files import STATIC, static_file


def test_scripts_style_and_icon_are_there() -> None:
    for name, media_type in [("judge.js", "text/javascript"), ("judge.css", "text/css"), ("icon.svg", "image/svg+xml")]:
        file = static_file(name)
        assert file is not None
        assert file.media_type.startswith(media_type)
        assert file.data == (STATIC / name).read_bytes()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../page.py", "../texts/en/consent.md", "/etc/passwd", "JUDGE.JS", "judge.js\0"]
)
def test_no_other_name_leads_anywhere(name: str) -> None:
    assert static_file(name) is None


def test_scripts_import_only_each_other() -> None:
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "([^"]+)"', path.read_text(encoding="utf-8")):
            assert static_file(name.removeprefix("./")) is not None, f"{path.name} imports {name}"
