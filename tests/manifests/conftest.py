"""A finished dataset in every form, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.manifests.forms.form import FORMS
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.generate import generate


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> dict[str, Path]:
    """Form → a dataset of two shards of train, and a little val and JND."""
    distort = {"operators": ["gaussian_blur", "jpeg", "contrast"]}
    subsets = [
        {"path": "2afc/train/a", "triplets": 520, "distort": distort},
        {"path": "2afc/val/a", "triplets": 6, "distort": distort},
        {"path": "jnd/val/a", "pairs": 5, "distort": distort},
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    recipe = Recipe.from_dict({"name": "a", "seed": 3, "patch": 16, "sources": sources, "subsets": subsets})
    root = tmp_path_factory.mktemp("finished")
    generate(recipe, root / "folders")
    for form in FORMS:
        if form != "folders":
            convert(root / "folders", root / form, form)
    return {form: root / form for form in FORMS}
