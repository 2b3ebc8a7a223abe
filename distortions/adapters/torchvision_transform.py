"""Operators around transforms of torchvision."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image

from .keyed_torch import array_of, keyed_torch
from .transform_operator import TransformOperator


class TorchvisionTransform(TransformOperator):
    """A transform of `torchvision.transforms.v2`: it gets a tensor, uint8 3×H×W. Torch's global generator is keyed."""

    family = "custom"
    libraries = ("torchvision", "torch")

    def transformed(self, transform: Any, image: Image, seed: int) -> NDArray[Any]:
        """Apply a transform; see `TransformOperator`."""
        import torch

        with keyed_torch(seed):
            result = transform(torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))))
        return np.ascontiguousarray(np.moveaxis(array_of(result, self.name), 0, -1))
