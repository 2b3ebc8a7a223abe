"""Chunks of rows."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.functional.row_chunks import row_chunks


@pytest.mark.parametrize("shape", [(8, 8), (300, 257), (3, 100_000)])
def test_chunks_hold_every_row_once(shape: tuple[int, int]) -> None:
    rows = np.arange(shape[0])
    assert np.array_equal(np.concatenate([rows[block] for block in row_chunks(shape)]), rows)
    assert all(len(rows[block]) * shape[1] <= max(4096, shape[1]) for block in row_chunks(shape))
