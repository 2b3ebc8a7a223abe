"""Squared Euclidean distances of all pairs of vectors, by matrix products, to the digits of single pairs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

BLOCK_BYTES = 2**28
"""Most memory of one copy of vectors, bytes."""
NEAR = 0.1
"""Pairs nearer than this share of |x|² + |y|² are measured by their difference."""
GATHERED_BYTES = 2**26
"""Most memory of the differences of near pairs, bytes."""


@dataclass(frozen=True, slots=True)
class Centred:
    """Vectors less a centre, which changes no distance.

    Attributes:
        vectors: float32 N×D.
        squares: their squared lengths, float32, shape (N,).
    """

    vectors: Tensor
    squares: Tensor

    @classmethod
    def of(cls, vectors: Tensor, centre: Tensor) -> Centred:
        """Move vectors, N×D, by a centre, (D,). They are overwritten."""
        vectors = vectors.sub_(centre)
        return cls(vectors, torch.linalg.vector_norm(vectors, dim=1).square_())

    def distances(self, others: Centred) -> Tensor:
        """Compute the squared distances from other vectors, float32 N×M; exactly 0 for equal vectors.

        |x|² + |y|² - 2 x·y loses digits where it is small beside |x|² + |y|². There, the difference is squared.
        """
        together = self.squares[:, None] + others.squares
        distances = torch.addmm(together, self.vectors, others.vectors.T, alpha=-2)
        rows, columns = (distances < NEAR * together).nonzero(as_tuple=True)
        step = max(1, GATHERED_BYTES // (4 * self.vectors.shape[1]))
        for start in range(0, len(rows), step):
            row, column = rows[start : start + step], columns[start : start + step]
            difference = self.vectors[row].sub_(others.vectors[column])
            distances[row, column] = difference.square_().sum(dim=1)
        return distances


def squared_distances(vectors0: Tensor, vectors1: Tensor | None = None) -> Tensor:
    """Compute |x - y|² for all pairs of vectors, such as those of `LPIPS.embedding`.

    Beside the result, it needs memory for two blocks of 256 MiB. Distances differ from those of single pairs by 1e-6 of
    the distance at most; docs/training.md has figures.

    Args:
        vectors0: float32 N×D.
        vectors1: float32 M×D; None: `vectors0`, which takes half the time.

    Returns:
        Float32 N×M; exactly 0 for equal vectors.

    Example:
        >>> squared_distances(torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
        tensor([[ 0., 25.],
                [25.,  0.]])
    """
    symmetric = vectors1 is None
    vectors1 = vectors0 if vectors1 is None else vectors1
    with torch.no_grad():
        centre = vectors1.mean(dim=0)
        distances = vectors0.new_empty((len(vectors0), len(vectors1)))
        step = max(1, BLOCK_BYTES // (4 * vectors0.shape[1]))
        for row in range(0, len(vectors0), step):
            rows = Centred.of(vectors0[row : row + step].clone(), centre)
            for column in range(row if symmetric else 0, len(vectors1), step):
                columns = Centred.of(vectors1[column : column + step].clone(), centre)
                block = rows.distances(columns)
                distances[row : row + step, column : column + step] = block
                if symmetric:
                    distances[column : column + step, row : row + step] = block.T
    return distances
