"""Images as torch tensors."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from bappsmith.manifests.errors import BappsmithError

from .image import Image

if TYPE_CHECKING:
    import torch


def tensor_to_images(tensor: torch.Tensor) -> list[Image]:
    """Round a tensor to images of 8 bits.

    Args:
        tensor: floats in [0, 1], 3×H×W or N×3×H×W RGB.

    Returns:
        uint8 H×W×3 RGB each; one image for 3×H×W.

    Raises:
        BappsmithError: the tensor has another shape or dtype, or values outside of [0, 1].
    """
    shape = tuple(tensor.shape)
    if not tensor.is_floating_point() or len(shape) not in (3, 4) or shape[-3] != 3 or 0 in shape[-2:]:
        raise BappsmithError(
            f"tensor to distort: expected floats in [0, 1], 3×H×W or N×3×H×W, found {tensor.dtype} {shape}"
        )
    if tensor.numel() == 0:
        return []
    # In float32, because half precision cannot hold 255 × value exactly, and numpy has no bfloat16.
    values = tensor.detach().cpu().float().reshape(-1, *shape[-3:])
    low, high = (bound.item() for bound in values.aminmax())
    if not (low >= 0 and high <= 1):
        raise BappsmithError(
            f"tensor to distort: values must be in [0, 1], found {low:g} to {high:g}; for [-1, 1] give (tensor + 1) / 2"
        )
    planes = values.mul(255).round_().byte().contiguous().numpy()
    # A fifth of the time of a permuted copy.
    return [np.asarray(cv2.merge(tuple(image)), np.uint8) for image in planes]


def images_to_tensor(images: Sequence[Image], like: torch.Tensor) -> torch.Tensor:
    """Return images in the form of the tensor that they come from.

    Args:
        images: uint8 H×W×3 RGB each.
        like: the tensor.

    Returns:
        Floats in [0, 1] of its shape and dtype, on its device; contiguous.
    """
    import torch

    if not images:
        return like.detach().clone()
    levels = torch.from_numpy(np.stack(images)).to(like.device).permute(0, 3, 1, 2)
    values = levels.to(torch.float32, memory_format=torch.contiguous_format).div_(255)
    return values.reshape(like.shape).to(like.dtype)
