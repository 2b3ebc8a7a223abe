"""Measures of a pair of images, which the yardstick combines."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from bappsmith.lpips.model.lpips import LPIPS

HAND_MADE = ("l2", "ssim", "gmsd", "haarpsi", "fsim")
"""Metrics of `lpips.evaluation.baselines`."""
DEEP = ("local", "means", "covariances")
"""AlexNet's features without heads: form `local`, and the two parts of form `structure`, each summed over the taps."""
MEASURES = (*DEEP, *HAND_MADE)


def measure(
    names: Collection[str], trunk: LPIPS, references: Tensor, distorted: Tensor
) -> dict[str, NDArray[np.float64]]:
    """Measure pairs of images.

    Args:
        names: of measures, see `MEASURES`.
        trunk: AlexNet with the forms "local" and "structure", without heads.
        references: N×3×H×W float in [-1, 1].
        distorted: of the same shape.

    Returns:
        Name → shape (N,), at least 0; 0 for equal images.
    """
    import torch

    from bappsmith.lpips.evaluation.baselines import BASELINES

    results: dict[str, Tensor] = {}
    with torch.inference_mode():
        if set(names) & set(DEEP):
            columns = trunk.differences(trunk.features(references), trunk.features(distorted)).double()
            parts = columns.split(sum(trunk.trunk.channels), dim=1)
            results |= {name: part.sum(dim=1) for name, part in zip(DEEP, parts, strict=True)}
        results |= {name: BASELINES[name](references, distorted).double() for name in HAND_MADE if name in names}
    return {name: results[name].numpy() for name in names}


def probe(trunk: LPIPS) -> float:
    """Return the measure `covariances` for a fixed pair of images: it tells trunks apart."""
    import torch

    row = torch.linspace(-9, 9, 64)
    waves = torch.sin(torch.stack([row[:, None] + k * row for k in (0.3, 1.0, 2.5)]))[None]
    return float(measure(("covariances",), trunk, waves, waves.square())["covariances"][0])
