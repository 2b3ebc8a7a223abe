"""What distances are measured with, to fit severities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image


@dataclass(frozen=True)
class Yardstick:
    """A distance.

    Attributes:
        name: in words, for the table.
        distances: (references, distorted), uint8 H×W×3 RGB each → distance of each pair, float64 N.
    """

    name: str
    distances: Callable[[Sequence[Image], Sequence[Image]], NDArray[np.float64]]


def lpips_yardstick(trunk_weights: str | Path, head_weights: Path | None) -> Yardstick:
    """Return LPIPS (Zhang et al. 2018) with AlexNet as a yardstick.

    Args:
        trunk_weights: file with AlexNet's weights, or "pretrained".
        head_weights: file with the published heads; None: distances of unit-length features, summed over channels.

    Raises:
        BappsmithError: a file cannot be read, or holds other weights.
    """
    import torch

    from bappsmith.lpips.model.lpips import LPIPS

    metric = LPIPS("alex", trunk_weights=trunk_weights, head_weights=head_weights).eval()

    def tensor(images: Sequence[Image]) -> torch.Tensor:
        return torch.from_numpy(np.stack(images).transpose(0, 3, 1, 2)).float() / 127.5 - 1

    def distances(references: Sequence[Image], distorted: Sequence[Image]) -> NDArray[np.float64]:
        with torch.inference_mode():
            return metric(tensor(references), tensor(distorted)).flatten().double().numpy()

    heads = f"heads {head_weights.name}" if head_weights else "no heads"
    return Yardstick(f"LPIPS, AlexNet, {heads}", distances)
