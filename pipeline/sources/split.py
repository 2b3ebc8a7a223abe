"""Divide photographs between train and val."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import Split


def split_photographs(
    photographs: Iterable[Photograph], val_fraction: float, seed: int, sequences: Iterable[Sequence[Photograph]] = ()
) -> dict[Split, tuple[Photograph, ...]]:
    """Divide photographs between train and val.

    Photographs are sorted by a keyed hash of their decoded pixels; the first ones are val. Photographs with equal
    pixels (another name, or saved again without loss) are on the same side. A copy that was compressed again or resized
    counts as another photograph. If there are two distinct photographs, each side gets at least one.

    Photographs of one sequence are on the same side too, and count as one.

    Args:
        photographs: in any order.
        val_fraction: share of distinct photographs that become val, in [0, 1].
        seed: key of the hash.
        sequences: photographs that stay together.

    Returns:
        Side → photographs, sorted by name.
    """
    photographs = sorted(photographs, key=lambda photo: photo.name)
    groups = grouped(photographs, sequences)
    distinct = sorted(
        set(groups.values()),
        key=lambda sha: hashlib.sha256(f"{seed}:{sha}".encode()).digest(),
    )
    count = min(max(1, round(val_fraction * len(distinct))), max(1, len(distinct) - 1))
    val = set(distinct[:count])
    return {
        "train": tuple(p for p in photographs if groups[p.pixels_sha256] not in val),
        "val": tuple(p for p in photographs if groups[p.pixels_sha256] in val),
    }


def grouped(photographs: Iterable[Photograph], sequences: Iterable[Sequence[Photograph]] = ()) -> dict[str, str]:
    """Return the group of every photograph that is never divided: sha256 of its pixels → smallest one of its group.

    A group is one photograph, or sequences that have photographs in common.
    """
    parent = {photo.pixels_sha256: photo.pixels_sha256 for photo in photographs}

    def root(sha: str) -> str:
        while parent[sha] != sha:
            parent[sha] = parent[parent[sha]]
            sha = parent[sha]
        return sha

    for sequence in sequences:
        for photo in sequence[1:]:
            one, other = sorted((root(sequence[0].pixels_sha256), root(photo.pixels_sha256)))
            parent[other] = one
    return {sha: root(sha) for sha in parent}
