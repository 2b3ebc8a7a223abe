"""Squared Euclidean distances of all pairs of vectors, by matrix products, to the digits of single pairs."""

from __future__ import annotations

import torch
from torch import Tensor

ROWS = 2048
"""Vectors of a block. A block needs 70 MB beside the vectors and the result."""
TERMS = 2048
"""Coordinates of one matrix product. Longer sums of float32 lose digits."""
NEAR = 0.1
"""Pairs nearer than this share of |x|² + |y|² are measured by their difference."""
GATHERED_BYTES = 2**26
"""Most memory of the differences of near pairs, bytes."""


def squared_distances(vectors0: Tensor, vectors1: Tensor | None = None) -> Tensor:
    """Compute |x - y|² for all pairs of vectors, such as those of `LPIPS.embedding`.

    |x - y|² = |x|² + |y|² - 2 x·y loses digits where it is small beside |x|² + |y|². So vectors are taken from their
    mean, which changes no distance; and where a distance is still below a tenth of the sum, the difference itself is
    squared. On LPIPS of photographs, the error is below 1e-6 of each distance, as of single pairs in float32.

    Args:
        vectors0: float32 N×D.
        vectors1: float32 M×D; None: `vectors0`, which takes half the time.

    Returns:
        Float32 N×M; exactly 0 for equal vectors.

    Examples:
        >>> squared_distances(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
        tensor([[ 0., 25.],
                [25.,  0.]])
    """
    symmetric = vectors1 is None
    vectors1 = vectors0 if vectors1 is None else vectors1
    with torch.no_grad():
        centre = vectors1.mean(dim=0)
        distances = vectors0.new_empty((len(vectors0), len(vectors1)))
        for row in range(0, len(vectors0), ROWS):
            rows = vectors0[row : row + ROWS]
            for column in range(row if symmetric else 0, len(vectors1), ROWS):
                block = _block(rows, vectors1[column : column + ROWS], centre)
                if symmetric and row == column:
                    block = block.triu() + block.triu(1).T
                distances[row : row + ROWS, column : column + ROWS] = block
                if symmetric:
                    distances[column : column + ROWS, row : row + ROWS] = block.T
    return distances


def _block(vectors0: Tensor, vectors1: Tensor, centre: Tensor) -> Tensor:
    distances = vectors0.new_zeros((len(vectors0), len(vectors1)))
    squares0, squares1 = vectors0.new_zeros((len(vectors0), 1)), vectors0.new_zeros(len(vectors1))
    for start in range(0, len(centre), TERMS):
        part = slice(start, start + TERMS)
        first, second = vectors0[:, part] - centre[part], vectors1[:, part] - centre[part]
        distances.addmm_(first, second.T, alpha=-2)
        squares0 += first.square_().sum(dim=1, keepdim=True)
        squares1 += second.square_().sum(dim=1)
    together = squares0 + squares1
    distances += together
    near0, near1 = (distances < NEAR * together).nonzero(as_tuple=True)
    step = max(1, GATHERED_BYTES // (4 * len(centre)))
    for start in range(0, len(near0), step):
        row, column = near0[start : start + step], near1[start : start + step]
        distances[row, column] = (vectors0[row] - vectors1[column]).square_().sum(dim=1)
    return distances
