"""Datasets of real algorithms: the same degraded image twice, restored in two ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.distortions import operator
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

FAMILIES = {
    "superres": "super_resolution",
    "deblur": "deblurring",
    "color": "colorization",
    "interpolate": "frame_interpolation",
}
"""Task of a bank, here also the name of a subset → family."""
BY_DISTANCE = {"kind": "metric", "metric": "gmsd"}


def recipe(photos: Path, judge: dict[str, object] = BY_DISTANCE, triplets: int = 8) -> Recipe:
    subsets = [
        {
            "path": f"2afc/val/{name}",
            "triplets": triplets,
            "distort": {"families": [family], "length": [1]},
            "pairing": "same-degradation",
            "judge": judge,
        }
        for name, family in FAMILIES.items()
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    return Recipe.from_dict({"name": "real", "patch": 32, "seed": 1, "sources": sources, "subsets": subsets})


def test_both_patches_come_from_the_same_degraded_one(photos: Path, restoring_banks: dict[str, Path], tmp_path: Path):
    plugins = [restoring_banks[name] for name in FAMILIES]
    generate(recipe(photos), tmp_path / "data", plugins=plugins)
    assert verify(tmp_path / "data").clean
    seen = set()
    for name, family in FAMILIES.items():
        for row in Dataset(tmp_path / "data")[f"2afc/val/{name}"].rows():
            (one,), (other,) = row.plan.chain0.calls, row.plan.chain1.calls
            assert one.name != other.name
            assert operator(one.name).family == family if not one.name.endswith("_network") else True
            degradation = operator(one.name).degradation
            assert set(degradation) == set(operator(other.name).degradation)
            assert {key: one.params[key] for key in degradation} == {key: other.params[key] for key in degradation}
            seen |= {one.name, other.name}
        assert replay(tmp_path / "data", f"2afc/val/{name}", 3, photos=str(photos), plugins=plugins).same_bytes
    assert {"superres_network", "deblur_network", "color_network", "interpolation_network"} <= seen


@pytest.mark.slow
def test_two_workers_make_the_same_bytes(photos: Path, restoring_banks: dict[str, Path], tmp_path: Path):
    plugins = [restoring_banks[name] for name in FAMILIES]
    generate(recipe(photos), tmp_path / "one", plugins=plugins)
    generate(recipe(photos), tmp_path / "two", plugins=plugins, workers=2)
    assert (tmp_path / "one" / "seal.json").read_bytes() == (tmp_path / "two" / "seal.json").read_bytes()


def test_a_judge_of_severities_is_refused_in_one_line(photos: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"same-degradation, because both sides have the same severity; use") as no:
        generate(recipe(photos, {"kind": "severity"}), tmp_path / "data")
    assert "\n" not in str(no.value)
    assert not (tmp_path / "data").exists()
