"""Groups of images."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.cnn.grouping import in_groups


def test_each_key_is_called_once_and_results_keep_their_order():
    keys = ["a", "b", "a", "c", "b", "a"]
    calls: list[list[int]] = []

    def apply(members: list[int]) -> list[np.ndarray]:
        calls.append(members)
        return [np.full((1, 1, 3), i, np.uint8) for i in members]

    results = in_groups(keys, apply)
    assert [int(result[0, 0, 0]) for result in results] == list(range(6))
    assert calls == [[0, 2, 5], [1, 4], [3]]
    assert in_groups([], apply) == []
