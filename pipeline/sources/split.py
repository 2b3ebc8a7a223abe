"""Dividing photographs between train and val."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import Split


def split_photographs(
    photographs: Iterable[Photograph], val_fraction: float, seed: int
) -> dict[Split, tuple[Photograph, ...]]:
    """Divide photographs between train and val.

    Photographs are ordered by a keyed hash of their decoded pixels, and the first of that order are val.
    Equal pixels, under another name or losslessly saved again, fall on the same side; a copy that was
    compressed anew or resized counts as another photograph. At
    least one distinct photograph is left on each side where there are two.
    """
    photographs = sorted(photographs, key=lambda photo: photo.name)
    distinct = sorted(
        {p.pixels_sha256 for p in photographs},
        key=lambda sha: hashlib.sha256(f"{seed}:{sha}".encode()).digest(),
    )
    count = min(max(1, round(val_fraction * len(distinct))), max(1, len(distinct) - 1))
    val = set(distinct[:count])
    return {
        "train": tuple(p for p in photographs if p.pixels_sha256 not in val),
        "val": tuple(p for p in photographs if p.pixels_sha256 in val),
    }
