"""Two small recipes, and the datasets that they make."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate


def _recipe(name: str, photos: Path, train: int, val: int, pairs: int) -> Recipe:
    distort = {"operators": ["gaussian_blur", "gaussian_white_noise", "jpeg"]}
    subsets = [
        {"path": f"2afc/train/{name}", "triplets": train, "distort": distort},
        {"path": f"2afc/val/{name}", "triplets": val, "distort": distort, "pairing": "same-chain"},
        {"path": f"jnd/val/{name}", "pairs": pairs, "distort": distort},
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    return Recipe.from_dict({"name": name, "seed": 7, "patch": 32, "sources": sources, "subsets": subsets})


@pytest.fixture(scope="session")
def small(photos: Path) -> Recipe:
    """Four shards: two of train, and one each of val and JND."""
    return _recipe("small", photos, 520, 20, 30)


@pytest.fixture(scope="session")
def tiny(photos: Path) -> Recipe:
    """Three shards of a few items."""
    return _recipe("tiny", photos, 8, 6, 5)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, small: Recipe) -> Path:
    """The dataset of the recipe `small`, made in one process; only to be read."""
    out = tmp_path_factory.mktemp("made") / "data"
    generate(small, out)
    return out


@pytest.fixture(scope="session")
def made_tiny(tmp_path_factory: pytest.TempPathFactory, tiny: Recipe) -> Path:
    """The dataset of the recipe `tiny`; only to be read."""
    out = tmp_path_factory.mktemp("made") / "tiny"
    generate(tiny, out)
    return out


@pytest.fixture
def copy(made_tiny: Path, tmp_path: Path) -> Path:
    """A dataset of the recipe `tiny` that a test may change."""
    return Path(shutil.copytree(made_tiny, tmp_path / "copy"))
