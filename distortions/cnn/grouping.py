"""Apply an operator to groups of images."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from bappsmith.distortions.image import Image


def in_groups(keys: Sequence[Hashable], apply: Callable[[list[int]], list[Image]]) -> list[Image]:
    """Call a function for each group of images with equal keys.

    Args:
        keys: one per image.
        apply: positions of the images of one group → their results, in order.

    Returns:
        One result per image, in order.
    """
    groups: dict[Hashable, list[int]] = {}
    for position, key in enumerate(keys):
        groups.setdefault(key, []).append(position)
    results: dict[int, Image] = {}
    for members in groups.values():
        results.update(zip(members, apply(members), strict=True))
    return [results[position] for position in range(len(keys))]
