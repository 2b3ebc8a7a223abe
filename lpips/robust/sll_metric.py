"""The second certified metric: 1-Lipschitz residual convolutions that are learnt."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from bappsmith.manifests.errors import BappsmithError

from .dct import dct_filters
from .lipschitz_metric import LipschitzMetric

BLOCK = 4
"""Side of the DCT blocks that the convolutions see, px."""
CHANNELS = 3 * BLOCK**2
DEPTH = 2
"""Number of residual blocks."""
POOLED_START = 0.1
"""First weights of pooled moduli; that of the features is 1."""
POOLS = (1, 2, 4)
"""Blocks per side of a pooled region, as in `dct_metric`."""


class SllMetric(LipschitzMetric):
    """d = Σ_c s_c · |φ_c(x) - φ_c(y)|², with a learnt 1-Lipschitz φ and 0 ≤ s.

    An orthonormal 4×4 DCT over opponent colours is followed by two residual blocks x - 2·Kᵀ relu(K x + b) with |K| ≤ 1
    (SDP-based Lipschitz layers, Araujo et al. 2023; package orthogonium). Their output, and its modulus pooled over 2×2
    and 4×4 positions, is weighted per channel. L² = max over channels of the sum of their three weights.

    Attributes:
        scales: s, float32, shape (3, 48).

    Raises:
        BappsmithError: the package orthogonium is not installed.
    """

    net = "sll"
    scales: Tensor
    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        try:
            from orthogonium.layers.conv.SLL import SDPBasedLipschitzResBlock
        except ImportError as error:
            raise BappsmithError(
                "a certified metric with embedding 'sll' needs the package orthogonium; run "
                "`pip install bappsmith[certified]`"
            ) from error
        self.register_buffer("filters", dct_filters(BLOCK).float(), persistent=False)
        self.blocks = nn.Sequential(*(SDPBasedLipschitzResBlock(CHANNELS, 1, kernel_size=3) for _ in range(DEPTH)))
        start = torch.full((len(POOLS), CHANNELS), POOLED_START)
        start[0] = 1
        self.scales = nn.Parameter(start)

    def parts(self, images: Tensor) -> list[Tensor]:
        """Compute φ: one N×48×h×w tensor per pool, from images N×3×H×W in [-1, 1]."""
        height, width = images.shape[2:]
        step = BLOCK * max(POOLS)
        padded = functional.pad(images / 2, (0, -width % step, 0, -height % step))
        features = self.blocks(functional.conv2d(padded, self.filters.to(images.dtype), stride=BLOCK))
        moduli = features.abs()
        return [features if n == 1 else functional.avg_pool2d(moduli, n) * n for n in POOLS]

    def embedding(self, images: Tensor) -> Tensor:
        """Compute f: √s · φ, flattened to N×M."""
        roots = self.scales.to(images.dtype).clamp(min=0).sqrt()
        weighted = (part * root.view(1, -1, 1, 1) for part, root in zip(self.parts(images), roots, strict=True))
        return torch.cat([part.flatten(1) for part in weighted], dim=1)

    def squared_constant(self) -> Tensor:
        """Compute L², differentiably. Scales below 0 count as 0, as in `embedding`."""
        return self.scales.clamp(min=0).sum(dim=0).max()

    def lipschitz_constant(self) -> float:
        """Compute an upper bound of L. Every block has a constant of at most 1 for all values of its parameters."""
        return float(self.squared_constant().detach().sqrt())

    @torch.no_grad()
    def normalise(self) -> None:
        """Divide the scales by L², so that L is 1."""
        self.scales.div_(self.squared_constant())
