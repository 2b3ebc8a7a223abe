"""The report of a dataset as HTML: text from outside is text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.sealed_json import sealed_bytes
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.reports.overview import write_overview

TAG = "<script>x()"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)


def test_what_a_seal_says_is_no_markup(tmp_path: Path, photos: Path):
    subset = {"path": "2afc/train/a", "triplets": 3, "distort": {"operators": ["jpeg"], "length": [1]}}
    sources = {"path": str(photos)}
    recipe = Recipe.from_dict({"name": "a", "patch": 16, "sources": sources, "context": TAG, "subsets": [subset]})
    generate(recipe, tmp_path / "data")
    seal = json.loads((tmp_path / "data" / "seal.json").read_text())
    del seal["sha256_of_the_rest"]
    (tmp_path / "data" / "seal.json").write_bytes(sealed_bytes({**seal, "versions": {TAG: TAG}}))
    page = Tags()
    page.feed(write_overview(tmp_path / "data", tmp_path / "report").read_text(encoding="utf-8"))
    assert "script" not in page.seen
    assert {"h1", "h2", "table", "img"} <= page.seen
