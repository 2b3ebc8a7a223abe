"""Triplets of small images without a dataset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import JudgedItems
from bappsmith.pipeline.judging.judged_items import Images, not_needed


def triplets(count: int, side: int = 16, seed: int = 0) -> Images:
    """Random references, and patches with noise of random strength."""
    rng = np.random.default_rng(seed)
    ref = rng.integers(40, 216, (count, side, side, 3))
    images = {"ref": ref.astype(np.uint8)}
    for folder in ("p0", "p1"):
        strength = rng.uniform(1, 40, (count, 1, 1, 1))
        images[folder] = np.clip(ref + strength * rng.uniform(-1, 1, ref.shape), 0, 255).astype(np.uint8)
    return images


def take(images: Images, rows: Sequence[int] | NDArray[np.int64]) -> Images:
    """Some of the items."""
    return {folder: stack[rows] for folder, stack in images.items()}


def swapped(images: Images) -> Images:
    """The same items with p0 and p1 exchanged."""
    return {"ref": images["ref"], "p0": images["p1"], "p1": images["p0"]}


def of_images(
    images: Images,
    kind: Kind = "2afc",
    severities: NDArray[np.float64] | None = None,
    operators: Sequence[tuple[str, str]] | None = None,
    answers: dict[str, Sequence[float]] | None = None,
) -> JudgedItems:
    """Items with these pixels. Severities are 0.5 and operators are jpeg, unless given."""
    count = len(images["p0"])

    def labelling(name: str) -> Labelling:
        shares = np.array((answers or {})[name], np.float64)
        return Labelling(name, shares, np.ones(count, np.int32), ("",) * count)

    return JudgedItems(
        kind,
        images["p0"].shape[1],
        np.full((count, 2), 0.5) if severities is None else severities,
        operators or [("jpeg", "jpeg")] * count,
        not_needed("chains"),
        lambda: images,
        labelling,
    )
