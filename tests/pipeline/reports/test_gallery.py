"""Contact sheets: words of captions stand apart, and captions do not run into each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PIL

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.reports.caption import LINE
from bappsmith.pipeline.reports.gallery import TILE, contact_sheet

LETTER_GAP = 3
"""Blank columns between two letters of one word, at most; a full stop stands that far from a digit."""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    """Two pairs, whose captions are as long as they get with the operators of bappsmith."""
    distort = {"operators": ["gaussian_colored_noise", "checkerboard_artifact"], "length": [2]}
    subsets = [{"path": "jnd/val/a", "pairs": 2, "distort": distort}]
    facts = {"name": "captions", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets}
    out = tmp_path_factory.mktemp("captions") / "data"
    generate(Recipe.from_dict(facts), out)
    return out


def lines_of_caption(sheet: PIL.Image) -> list[np.ndarray]:
    """Whether there is ink in each column, for the two lines below the patches of the first row."""
    ink = np.asarray(sheet.convert("L")) < 160
    # Rows from the bottom of the patches on: index, p0, p1.
    top = 18 + TILE + 5 + LINE
    return [ink[top + k * LINE : top + (k + 1) * LINE].any(axis=0) for k in range(2)]


def words(columns: np.ndarray) -> int:
    """Number of groups of ink that stand further apart than letters of one word."""
    inked = np.flatnonzero(columns)
    return 1 + int((np.diff(inked) - 1 > LETTER_GAP).sum())


def test_words_of_captions_stand_apart(dataset: Path):
    p0, p1 = lines_of_caption(contact_sheet(dataset, "jnd/val/a", columns=1, rows=1))
    assert words(p0) == 4  # p0 as the reference
    assert words(p1) == 9  # p1 gaussian colored noise 0.50 + checkerboard artifact 0.50


def test_captions_of_neighbours_do_not_meet(dataset: Path):
    alone = lines_of_caption(contact_sheet(dataset, "jnd/val/a", columns=1, rows=1))[1]
    both = lines_of_caption(contact_sheet(dataset, "jnd/val/a", columns=2, rows=1))[1]
    end = int(np.flatnonzero(alone).max())
    assert not both[end + 1 : end + 10].any()
    assert both[end + 10 :].any()


def test_given_items_are_drawn_in_the_given_order(dataset: Path):
    both = np.asarray(contact_sheet(dataset, "jnd/val/a", columns=1, indices=[1, 0]))
    (first, second) = (np.asarray(contact_sheet(dataset, "jnd/val/a", columns=1, indices=[k])) for k in (1, 0))
    assert first.shape[0] < both.shape[0]
    assert (both[18 : 18 + TILE, : first.shape[1]] == first[18 : 18 + TILE]).all()
    assert not (first == second).all()
