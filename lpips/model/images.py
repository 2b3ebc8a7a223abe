"""Refuse images that LPIPS cannot compare."""

from __future__ import annotations

from torch import Tensor

from bappsmith.manifests.errors import BappsmithError


def refuse_image(name: str, image: Tensor) -> None:
    """Refuse what is not a batch of images.

    Args:
        name: of the argument, for the error.
        image: what was given.

    Raises:
        BappsmithError: it is not a float tensor N×3×H×W.
    """
    if not isinstance(image, Tensor) or not image.is_floating_point() or image.ndim != 4 or image.shape[1] != 3:
        came = f"{image.dtype} {tuple(image.shape)}" if isinstance(image, Tensor) else type(image).__name__
        raise BappsmithError(f"LPIPS: {name} must be a float tensor N×3×H×W in [-1, 1], found {came}")


def refuse_pair(image0: Tensor, image1: Tensor) -> None:
    """Refuse two batches of images that cannot be compared.

    Raises:
        BappsmithError: one is not a float tensor N×3×H×W, or their sizes or numbers differ.
    """
    refuse_image("image0", image0)
    refuse_image("image1", image1)
    if image0.shape[2:] != image1.shape[2:]:
        raise BappsmithError(f"LPIPS: the images differ in size, {tuple(image0.shape)} and {tuple(image1.shape)}")
    if len(image0) != len(image1) and 1 not in (len(image0), len(image1)):
        raise BappsmithError(
            f"LPIPS: {len(image0)} images and {len(image1)} images; give equal numbers, or one to compare with all"
        )
