"""Choose items to look at: evenly over the subsets, and within a subset over its operators."""

from __future__ import annotations

from collections import deque

import numpy as np

from bappsmith.manifests.sealed_subset import SealedSubset


def share_out(count: int, sizes: list[int]) -> list[int]:
    """Divide a number of items evenly among subsets. What a small subset cannot take goes to the others.

    Args:
        count: number of items, at most the sum of `sizes` is given out.
        sizes: number of items of each subset.

    Returns:
        A number per subset, at most its size.
    """
    shares = [0] * len(sizes)
    open_subsets = sorted(range(len(sizes)), key=lambda k: sizes[k])
    for position, k in enumerate(open_subsets):
        shares[k] = min(sizes[k], -(-count // (len(sizes) - position)))
        count -= shares[k]
    return shares


def choose_items(subset: SealedSubset, count: int) -> list[int]:
    """Choose items so that every operator is shown about equally often; the same ones every time.

    Args:
        subset: of a finished dataset.
        count: number of items.

    Returns:
        Positions in the subset, rising; all if it has no more than `count`.
    """
    if count >= len(subset):
        return list(range(len(subset)))
    operators: list[set[str]] = []
    for row in subset.iterate("operators0", "operators1"):
        operators.append({*filter(None, f"{row['operators0']}+{row['operators1']}".split("+"))})
    shuffled = np.random.default_rng(0).permutation(len(subset)).tolist()
    queues: dict[str, deque[int]] = {}
    for index in shuffled:
        for name in operators[index] or {""}:
            queues.setdefault(name, deque()).append(index)
    shown = dict.fromkeys(queues, 0)
    chosen: set[int] = set()
    while len(chosen) < count:
        name = min(queues, key=lambda name: (shown[name], name))  # the operator that was shown least
        index = queues[name].popleft()
        if not queues[name]:
            del queues[name]
        if index not in chosen:
            chosen.add(index)
            for other in operators[index] or {""}:
                shown[other] += 1
    return sorted(chosen)
