"""Datasets to derive others from, made when they are first asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from bappsmith.distortions.cnn.bank import INDEX
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.sealed_json import read_sealed, sealed_bytes
from bappsmith.manifests.store.local import LocalStore
from bappsmith.pipeline.generate import generate

Some = Callable[..., Path]


@pytest.fixture(scope="session")
def some(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Some:
    """A function: a dataset of all traditional operators, of two shards of train and a little val and JND.

    Its arguments: seed; name; count of train; facts of `sources`. It is made once, and only to be read.
    """

    @cache
    def make(seed: int = 1, name: str = "some", count: int = 520, sources: str = "{}") -> Path:
        subsets = [
            {"path": "2afc/train/some", "triplets": count},
            {"path": "2afc/val/some", "triplets": 12},
            {"path": "jnd/val/some", "pairs": 8},
        ]
        facts = {"path": str(photos), "val_fraction": 0.4, "license": "CC0-1.0", **json.loads(sources)}
        recipe = Recipe.from_dict({"name": name, "patch": 32, "seed": seed, "sources": facts, "subsets": subsets})
        root = tmp_path_factory.mktemp("some") / name
        generate(recipe, root)
        return root

    return make


@pytest.fixture(scope="session")
def made(some: Some) -> Path:
    """Such a dataset with seed 1."""
    return some()


@pytest.fixture
def bank_that_knows(bank: Path, tmp_path: Path) -> Callable[[list[str]], Path]:
    """A function: a bank whose networks learnt from photographs of these sha256 of decoded pixels."""

    def make(pixels: list[str]) -> Path:
        root = Path(shutil.copytree(bank, tmp_path / "bank"))
        index = read_sealed(LocalStore(root), INDEX)
        (root / INDEX).write_bytes(sealed_bytes({**index, "photographs": sorted(pixels)}))
        return root

    return make


@pytest.fixture(scope="session")
def pixels() -> Callable[[Path, str], list[tuple[bytes, ...]]]:
    """A function: dataset, subset → hashes of pixels and the judgment, item by item."""

    def hashes(root: Path, subset: str) -> list[tuple[bytes, ...]]:
        sealed = Dataset(root).sealed(subset)
        names = [f"pixels_{folder}" for folder in sealed.folders]
        return list(zip(*sealed.columns(*names).values(), sealed.labels().shares.tolist(), strict=True))

    return hashes
