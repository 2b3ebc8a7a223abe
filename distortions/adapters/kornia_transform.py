"""Operators around transforms of kornia."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.manifests.errors import BappsmithError

from .keyed_torch import array_of, keyed_torch
from .transform_operator import TransformOperator


class KorniaTransform(TransformOperator):
    """A module of kornia: it gets a tensor, float32 1×3×H×W in [0, 1]. Torch's global generator is keyed.

    The result is clipped to [0, 1] and rounded to 8 bits.
    """

    family = "custom"
    libraries = ("kornia", "torch")
    extra = "kornia"

    def transformed(self, transform: Any, image: Image, seed: int) -> NDArray[Any]:
        """Apply a module; see `TransformOperator`."""
        import torch

        planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        with keyed_torch(seed):
            result = array_of(transform(torch.from_numpy(planes)), self.name)
        if result.dtype != np.float32 or result.ndim != 4 or not np.isfinite(result).all():
            raise BappsmithError(
                f"operator '{self.name}': {type(transform).__name__} must return finite float32 {planes.shape}, "
                f"found {result.dtype} {result.shape}"
            )
        levels = np.rint(np.clip(result, 0, 1) * np.float32(255)).astype(np.uint8)
        return np.ascontiguousarray(levels[0].transpose(1, 2, 0))
