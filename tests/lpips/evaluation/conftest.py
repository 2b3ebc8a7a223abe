"""A dataset with a manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with a manifest, of the photographs inside scikit-image."""
    distort = {"operators": ["gaussian_blur", "jpeg", "gaussian_white_noise"], "length": [1, 2]}
    subsets = [
        {"path": "2afc/val/g", "triplets": 60, "distort": distort},
        {"path": "jnd/val/g", "pairs": 60, "distort": distort},
    ]
    out = tmp_path_factory.mktemp("generated") / "data"
    generate(Recipe.from_dict({"name": "g", "subsets": subsets}), out)
    return out
