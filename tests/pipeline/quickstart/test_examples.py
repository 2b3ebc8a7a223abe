"""The triplets at the top of the page."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.pipeline.quickstart.examples import choose_examples


def test_every_photograph_has_its_turn(made: Path):
    subset = Dataset(made).sealed("2afc/train/small")
    photographs = sorted({row["photo"] for row in subset.iterate("photo")})
    chosen = choose_examples(subset, 2)
    assert [row["photo"] for row in subset.take_columns(chosen)] == 2 * photographs
    assert len(set(chosen)) == len(chosen)
    assert choose_examples(subset, 2) == chosen


def test_a_subset_without_good_examples_gives_what_it_has(made_tiny: Path):
    subset = Dataset(made_tiny).sealed("2afc/val/tiny")
    assert sorted(choose_examples(subset, 100)) == list(range(len(subset)))
