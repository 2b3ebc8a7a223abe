"""A dataset to select from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate


@pytest.fixture(scope="session")
def to_select(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two 2AFC subsets and one of JND, from the photographs inside scikit-image; one shard boundary is inside."""
    distort = {"operators": ["gaussian_blur", "jpeg", "gaussian_white_noise", "saturation"], "length": [1, 2]}
    subsets = [
        {"path": "2afc/train/s", "triplets": 530, "distort": distort},
        {"path": "2afc/val/s", "triplets": 40, "distort": distort},
        {"path": "jnd/val/s", "pairs": 60, "distort": distort},
    ]
    out = tmp_path_factory.mktemp("select") / "data"
    generate(Recipe.from_dict({"name": "s", "patch": 32, "subsets": subsets}), out)
    return out
