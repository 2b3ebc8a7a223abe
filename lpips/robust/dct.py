"""Orthonormal block DCT over orthonormal opponent colours."""

from __future__ import annotations

import math

import torch
from torch import Tensor

OPPONENT = ((1.0, 1.0, 1.0), (1.0, -1.0, 0.0), (1.0, 1.0, -2.0))
"""Sum of red, green and blue; red against green; both against blue. Each row is divided by its norm."""


def dct_matrix(size: int) -> Tensor:
    """Return the orthonormal DCT-II: float64, size×size, one basis vector per row."""
    position, frequency = torch.arange(size).double(), torch.arange(size).double()[:, None]
    basis = torch.cos(math.pi * frequency * (2 * position + 1) / (2 * size)) * math.sqrt(2 / size)
    basis[0] /= math.sqrt(2)
    return basis


def opponent_matrix() -> Tensor:
    """Return the orthonormal opponent colours: float64, 3×3, one colour per row."""
    rows = torch.tensor(OPPONENT, dtype=torch.float64)
    return rows / rows.norm(dim=1, keepdim=True)


def dct_filters(size: int) -> Tensor:
    """Return the filters of all coefficients of a block, all colours: float64 (3·size²)×3×size×size.

    Convolution with stride `size` is then an orthonormal transform. Channels are ordered by colour, then vertical and
    horizontal frequency.
    """
    basis = dct_matrix(size)
    planes = torch.einsum("uy,vx->uvyx", basis, basis).reshape(size * size, size, size)
    return torch.einsum("oc,kyx->okcyx", opponent_matrix(), planes).reshape(3 * size * size, 3, size, size)
