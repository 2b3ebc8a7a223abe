"""Rendering: pure, and independent of what else is rendered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.triplet import Crop, TripletRecord
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.rendering.render import contrast, cut_patch, render


def record(*crops: tuple[int, int, int], patch: int = 8, flat_below: float = 6.0) -> TripletRecord:
    blur = Chain((OperatorCall("gaussian_blur", 0.5, {"sigma": 1.0}),))
    return TripletRecord(
        "2afc/train/a",
        0,
        "a.png",
        "sha",
        tuple(Crop(*crop) for crop in crops),
        patch,
        flat_below,
        Chain(),
        blur,
    )


def half_flat(side: int = 64) -> np.ndarray:
    """Left half one grey, right half noise."""
    image = np.full((side, side, 3), 128, dtype=np.uint8)
    image[:, side // 2 :] = np.random.default_rng(0).integers(0, 256, (side, side // 2, 3))
    return image


def test_contrast_is_the_standard_deviation_of_luma():
    grey = np.random.default_rng(0).integers(0, 256, (16, 16, 1), dtype=np.uint8)
    assert abs(contrast(np.repeat(grey, 3, axis=2)) - grey.std()) < 1e-9


def test_the_first_crop_that_is_not_flat_is_taken():
    image = half_flat()
    position, view = cut_patch(record((0, 0, 8), (5, 40, 8), (9, 50, 8)), image)
    assert position == 1
    assert (view.centre == image[5:13, 40:48]).all()


def test_of_flat_crops_the_one_with_most_contrast_is_taken():
    image = half_flat()
    position, _ = cut_patch(record((0, 0, 8), (0, 26, 8), (8, 0, 8), flat_below=128.0), image)
    assert position == 1


def test_the_photograph_is_not_changed_and_jnd_has_no_ref():
    image = half_flat()
    before = image.copy()
    result = render([record((0, 32, 8))], lambda _: image)[0]
    assert (image == before).all()
    assert list(result.images) == ["ref", "p0", "p1"]
    assert (result.images["ref"] == result.images["p0"]).all()
    assert (result.images["ref"] != result.images["p1"]).any()


def test_operators_see_the_photograph_around_the_patch():
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    moved = Chain((OperatorCall("shift", 0.5, {"distance": 0.25, "angle": 0.0}),))
    twice = Chain(moved.calls * 2)
    plan = replace(record((10, 12, 16), patch=16), chain0=moved, chain1=twice)
    images = render([plan], lambda _: image)[0].images
    for folder, dx in (("ref", 0), ("p0", 4), ("p1", 8)):
        assert (images[folder] == image[10:26, 12 - dx : 28 - dx]).all(), folder


def test_each_result_is_the_same_alone_and_in_company():
    recipe = Recipe.from_dict({"name": "x", "patch": 32, "subsets": [{"path": "jnd/val/a", "pairs": 60}]})
    photographs = tuple(Photograph(f"{i}.png", str(i), 80, 90, str(i)) for i in range(3))
    pixels = {
        p.name: np.random.default_rng(i).integers(0, 256, (80, 90, 3), dtype=np.uint8)
        for i, p in enumerate(photographs)
    }
    records = [Planner(recipe, recipe.subsets[0], photographs).plan(i) for i in range(60)]
    together = render(records, pixels.__getitem__)
    for one, expected in zip(reversed(records), reversed(together), strict=True):
        alone = render([one], pixels.__getitem__)[0]
        assert alone.crop == expected.crop
        assert list(alone.images) == ["p0", "p1"]
        assert all((alone.images[f] == expected.images[f]).all() for f in alone.images)
