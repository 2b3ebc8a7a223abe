"""The first certified metric: weighted block DCT, beside its pooled modulus, with an exact Lipschitz constant."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .dct import dct_filters, dct_matrix
from .lipschitz_metric import LipschitzMetric

BLOCKS = (4, 8)
"""Sides of DCT blocks, px."""
POOLS = (1, 2, 4)
"""Blocks per side of a pooled region. 1: the coefficients themselves; else the sum of their moduli / the side, which is
non-expansive."""
STEP = max(BLOCKS) * max(POOLS)
"""Sides of images are padded with grey to multiples of this, px."""
WIDTHS = tuple(3 * block**2 for block in BLOCKS for _ in POOLS)
"""Channels of the parts of the embedding: for every block, every pool."""


class DctMetric(LipschitzMetric):
    """d = Σ_c w_c · |φ_c(x) - φ_c(y)|², with w ≥ 0.

    φ has, for each side of blocks, the orthonormal DCT over orthonormal opponent colours, and its modulus pooled over
    2×2 and 4×4 blocks. Coefficients compare what is where. Pooled moduli compare how much of each frequency there is in
    a region, so shifts cost less.

    Attributes:
        weights: w, float32, shape (720,), in the order of `WIDTHS`.
    """

    net = "dct"
    weights: Tensor
    filters4: Tensor
    filters8: Tensor

    def __init__(self) -> None:
        super().__init__()
        # At equal weights of the coefficients alone, the metric is L2.
        start = [torch.full((width,), float(pool == 1)) for width, pool in zip(WIDTHS, POOLS * 2, strict=True)]
        self.weights = nn.Parameter(torch.cat(start) / len(BLOCKS), requires_grad=False)
        for block in BLOCKS:
            self.register_buffer(f"filters{block}", dct_filters(block).float(), persistent=False)

    def parts(self, images: Tensor) -> list[Tensor]:
        """Compute φ: one N×C×h×w tensor per entry of `WIDTHS`, from images N×3×H×W in [-1, 1]."""
        height, width = images.shape[2:]
        padded = functional.pad(images / 2, (0, -width % STEP, 0, -height % STEP))
        parts = []
        for block in BLOCKS:
            coefficients = functional.conv2d(padded, self.get_buffer(f"filters{block}").to(images.dtype), stride=block)
            moduli = coefficients.abs()
            parts += [coefficients if n == 1 else functional.avg_pool2d(moduli, n) * n for n in POOLS]
        return parts

    def embedding(self, images: Tensor) -> Tensor:
        """Compute f: √w · φ, flattened to N×M."""
        roots = self.weights.to(images.dtype).sqrt().split(WIDTHS)
        weighted = (part * root.view(1, -1, 1, 1) for part, root in zip(self.parts(images), roots, strict=True))
        return torch.cat([part.flatten(1) for part in weighted], dim=1)

    def columns(self, image0: Tensor, image1: Tensor) -> Tensor:
        """Compute what the weights multiply: the squared differences of every channel, N×720. d is `columns` @ w."""
        pairs = zip(self.parts(image0), self.parts(image1), strict=True)
        return torch.cat([(first - second).square().sum(dim=(2, 3)) for first, second in pairs], dim=1)

    def lipschitz_constant(self) -> float:
        """Compute L. It is exact for sides that are multiples of 32 px, and an upper bound for others."""
        return float(squared_constant(self.weights.detach().double()).sqrt())

    @torch.no_grad()
    def normalise(self) -> None:
        """Divide the weights by L², so that L is 1."""
        self.weights.div_(squared_constant(self.weights.double()).float())


def squared_constant(weights: Tensor) -> Tensor:
    """Compute L² of the embedding with these weights, differentiably: the largest eigenvalue of `gram`.

    Args:
        weights: w ≥ 0, shape (720,).
    """
    return torch.linalg.eigvalsh(gram(weights))[:, -1].max()


def gram(weights: Tensor) -> Tensor:
    """Compute Σ_b D_bᵀ diag(W_b) D_b on blocks of 8×8 px, for every opponent colour: 3×64×64.

    D_b is the DCT with blocks of side b. W_b sums the weights of a coefficient and of its pooled moduli.

    Args:
        weights: w ≥ 0, shape (720,).
    """
    side = max(BLOCKS)
    total = weights.new_zeros(3, side**2, side**2)
    parts = iter(weights.split(WIDTHS))
    for block in BLOCKS:
        summed = torch.stack([next(parts) for _ in POOLS]).sum(dim=0).view(3, block, block)
        along = torch.block_diag(*[dct_matrix(block).to(weights)] * (side // block))
        transform = torch.kron(along, along)  # rows: coefficients, all blocks; columns: pixels of an 8×8 block
        tiled = summed.repeat(1, side // block, side // block).flatten(1)
        total = total + torch.einsum("kp,ck,kq->cpq", transform, tiled, transform)
    return total
