"""Operators around transforms of albumentations."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.manifests.errors import BappsmithError

from .transform_operator import TransformOperator


class AlbumentationsTransform(TransformOperator):
    """A transform of albumentations, single or composed. The sub-seed goes to its `set_random_seed`.

    Give it `p=1`, or its parameters have no effect on some images.
    """

    family = "custom"
    libraries = ("albumentations", "albucore")
    extra = "albumentations"

    def transformed(self, transform: Any, image: Image, seed: int) -> NDArray[Any]:
        """Apply a transform; see `TransformOperator`."""
        if not hasattr(transform, "set_random_seed"):
            raise BappsmithError(
                f"operator '{self.name}': expected a transform of albumentations, found {type(transform).__name__}"
            )
        transform.set_random_seed(seed)
        return transform(image=image)["image"]
