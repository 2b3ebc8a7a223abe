"""Distances |f(x) - f(y)|² of an embedding f with a known Lipschitz constant."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from bappsmith.manifests.errors import BappsmithError


class LipschitzMetric(nn.Module, ABC):
    """d(x, y) = |f(x) - f(y)|², where |f(x) - f(y)| ≤ L · |x - y| for all images.

    |x - y| is the Euclidean norm of all H·W·3 values of images in [0, 1]. All radii have that unit. L is
    `lipschitz_constant`.
    """

    net: str
    """Name of the embedding, as files name it."""

    @abstractmethod
    def embedding(self, images: Tensor) -> Tensor:
        """Compute f.

        Args:
            images: float N×3×H×W in [-1, 1].

        Returns:
            Float N×M.
        """

    @abstractmethod
    def lipschitz_constant(self) -> float:
        """Return L, or an upper bound of it, from the weights."""

    def forward(self, image0: Tensor, image1: Tensor) -> Tensor:
        """Compute distances of image pairs.

        Args:
            image0: float N×3×H×W in [-1, 1].
            image1: the same shape.

        Returns:
            Shape (N,), at least 0.

        Raises:
            BappsmithError: an image has another form, or sizes differ.
        """
        check_images(image0, image1)
        return (self.embedding(image0) - self.embedding(image1)).square().sum(dim=1)


class Pixels(LipschitzMetric):
    """L2: the embedding is the image itself, in [0, 1], and L is 1. The squared norm is a sum, not a mean."""

    net = "pixels"

    def embedding(self, images: Tensor) -> Tensor:
        """Return the values of images, scaled to [0, 1]: N×(3·H·W)."""
        return (images.flatten(1) + 1) / 2

    def lipschitz_constant(self) -> float:
        """Return 1."""
        return 1.0


def check_images(image0: Tensor, image1: Tensor) -> None:
    """Refuse what is no pair of batches of images.

    Raises:
        BappsmithError: an image is no float tensor N×3×H×W, or sizes differ.
    """
    for image in (image0, image1):
        if not image.is_floating_point() or image.ndim != 4 or image.shape[1] != 3:
            raise BappsmithError(
                f"images must be float tensors N×3×H×W in [-1, 1], found {image.dtype} {tuple(image.shape)}"
            )
    if image0.shape[2:] != image1.shape[2:]:
        raise BappsmithError(f"the images differ in size, {tuple(image0.shape)} and {tuple(image1.shape)}")
