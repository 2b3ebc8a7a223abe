"""Divide photographs between train and val."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import Split


def split_photographs(
    photographs: Iterable[Photograph], val_fraction: float, seed: int
) -> dict[Split, tuple[Photograph, ...]]:
    """Divide photographs between train and val.

    Photographs are sorted by a keyed hash of their decoded pixels; the first ones are val. Photographs with equal
    pixels (another name, or saved again without loss) are on the same side. A copy that was compressed again or resized
    counts as another photograph. If there are two distinct photographs, each side gets at least one.

    Args:
        photographs: in any order.
        val_fraction: share of distinct photographs that become val, in [0, 1].
        seed: key of the hash.

    Returns:
        Side → photographs, sorted by name.
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
