"""The dataset card: facts in, and whatever names, licence and context hold, no markup but its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.reports.card import dataset_card

HOSTILE = [
    "z\n\n# Judged by humans: yes\n.png",
    "# Judged by humans",
    "x\n===\n",
    "<h1>yes</h1><script>alert(1)</script>",
    "a | b\n|---|---|\n| c | d |",
    "![](http://x/y.png) [a](javascript:b) `code` **bold** ~~out~~",
    "```\nfenced\n```",
    "    code",
    "- list\n1. list",
    "\x1b[2J\u202e\u2028\ud800\0",
    "---\nlicense: mit\n---",
]
TABLES = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def tokens(card: str) -> list[Token]:
    """Blocks of the card below its front matter, each followed by what stands in its line."""
    body = card.split("---\n", 2)[2]
    blocks = TABLES.parse(body)
    return [token for block in blocks for token in (block, *(block.children or []))]


def check(card: str, name: str) -> None:
    """Assert that all markup is the card's own."""
    card.encode()
    body = card.split("---\n", 2)[2]
    assert [line for line in body.splitlines() if line.lstrip().startswith("#")] == [
        f"# {name}",
        "## Rebuild",
        "## Cite",
    ]
    kinds = [token.type for token in tokens(card)]
    assert kinds.count("heading_open") == 3
    assert kinds.count("table_open") == 1
    assert kinds.count("strong_open") == 1
    assert not {
        "html_block",
        "html_inline",
        "link_open",
        "image",
        "fence",
        "code_block",
        "em_open",
        "s_open",
        "hr",
    } & set(kinds)
    assert all(c.isprintable() or c in "\n\u200c\u200d" for c in card)


def run_of(context: str = "", licence: str = "mit", operators: tuple[str, ...] = ("jpeg",)) -> Run:
    subset = {"path": "2afc/train/a", "triplets": 3, "distort": {"operators": operators, "length": [1]}}
    sources = {"license": licence, "val_fraction": 0.5}
    recipe = Recipe.from_dict({"name": "some", "sources": sources, "context": context, "subsets": [subset]})
    photographs = tuple(Photograph(f"{k}.png", "0" * 64, 99, 99, f"{k}" * 64) for k in range(4))
    return Run(recipe, photographs, dict.fromkeys(operators, "0" * 64), {"bappsmith": "1", "x\n# y": "2|3"})


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_no_markup(text: str):
    yaml_text = text.replace("\0", "").replace("\ud800", "")  # a recipe holds neither
    check(
        dataset_card(run_of(yaml_text, yaml_text, ("jpeg", f"x{yaml_text}")), [text, f"photograph {text}: broken"]),
        "some",
    )


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.lists(
    st.sampled_from(["\n", "#", " ", "a", "|", "---", "<b>", "*", "_", "`", "[", "](", "1.", ">", "\\", "~~", "&lt;"]),
    max_size=12,
).map("".join)


@given(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=2))
@settings(max_examples=60, deadline=None)
def test_no_text_from_outside_is_markup(context: str, licence: str, operator: str, skipped: list[str]):
    check(dataset_card(run_of(context, licence, ("jpeg", f"x{operator}")), skipped), "some")


def test_ordinary_text_reads_as_it_was_written():
    card = dataset_card(
        run_of("Made for\n  tests. It's 50 % off, by lightness_shift.", "https://x.org/by/4.0"),
        ["IMG_1 (2).jpg: broken"],
    )
    assert "named below. Made for tests. It's 50 % off, by lightness_shift.\n" in card
    assert "Their license: https://x.org/by/4.0.\n" in card
    assert "\n- IMG_1 (2).jpg: broken\n" in card


def test_a_photograph_cannot_write_into_the_card(tmp_path: Path, photos: Path):
    for photo in photos.iterdir():
        Image.open(photo).save(tmp_path / photo.name)
    name = "z\n\n# Judged by humans: yes\n.png"
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    subset = {"path": "2afc/train/a", "triplets": 3, "distort": {"operators": ["jpeg"], "length": [1]}}
    sources = {"path": str(tmp_path), "on_unreadable": "skip", "license": "a\n# b"}
    recipe = Recipe.from_dict(
        {"name": "some", "patch": 16, "sources": sources, "context": "a\n# b", "subsets": [subset]}
    )
    generate(recipe, tmp_path.parent / "out")
    card = (tmp_path.parent / "out" / "README.md").read_text(encoding="utf-8")
    check(card, "some")
    assert r"z\\n\\n# Judged by humans: yes\\n.png" in card
    facts = (tmp_path.parent / "out" / "croissant.json").read_text(encoding="utf-8")
    assert "synthetic. a # b" in facts
    assert '"license": "a # b"' in facts
    sample(tmp_path.parent / "out", tmp_path.parent / "few", 0.5)
    derived = (tmp_path.parent / "few" / "README.md").read_text(encoding="utf-8")
    assert [line for line in derived.splitlines() if line.startswith("#")] == ["# some-sample", "## Rebuild", "## Cite"]


def test_the_card_counts_the_photographs_that_are_used(tmp_path: Path, tiny: Recipe):
    generate(tiny.model_copy(update={"patch": 95}), tmp_path / "out")
    assert (
        "5, listed in `sources.json`: 2 for train, 2 for val; none in both; 1 too small"
        in (tmp_path / "out" / "README.md").read_text()
    )
