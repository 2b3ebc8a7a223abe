"""The public door: distort images with one operator, or with a chain."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast, overload

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain

from .compose import apply_chains
from .image import Image
from .random import Draws
from .registry import operator
from .tensors import images_to_tensor, tensor_to_images

if TYPE_CHECKING:
    import torch

By: TypeAlias = str | Chain | Sequence[tuple[str, float]]
"""Name of an operator; or a chain with drawn parameters; or pairs of name and severity, first to last."""

DEFAULT_SEVERITY = 0.5


@overload
def distort(images: Image, by: By, severity: float | None = None, seed: int = 0) -> Image: ...
@overload
def distort(images: torch.Tensor, by: By, severity: float | None = None, seed: int = 0) -> torch.Tensor: ...
def distort(images: Image | torch.Tensor, by: By, severity: float | None = None, seed: int = 0) -> Image | torch.Tensor:
    """Distort one image, or each image of a batch.

    Each image of a batch has draws of its own, which its position and the seed decide. The first image is
    distorted as if it were given alone. A `Chain` has its parameters already, so it does the same to each image.

    Surroundings that an operator needs are mirrored, since an image has none.

    Args:
        images: uint8 H×W×3 or N×H×W×3 RGB; or a torch tensor of floats in [0, 1], 3×H×W or N×3×H×W RGB. They are not
            changed. Tensors are rounded to 8 bits, because operators work on levels, and no gradient passes.
        by: name of an operator, such as "jpeg"; or a list of pairs (name, severity), first to last; or a `Chain`.
        severity: of the one operator, in [0, 1]; default: 0.5. At 0 the image stays as it is.
        seed: of all random parameters; the same seed gives the same pixels.

    Returns:
        The distorted images, in the form of the input: same shape and dtype; tensors on the same device.

    Raises:
        BappsmithError: the operator is unknown, a severity is outside of [0, 1] or given twice, or the images have
            another form.

    Examples:
        >>> import numpy as np
        >>> import bappsmith
        >>> from bappsmith.distortions.patches import natural_patches
        >>> patches = np.stack(natural_patches(4))  # uint8 4×64×64×3
        >>> bappsmith.distort(patches[0], "jpeg", severity=0.8).shape
        (64, 64, 3)
        >>> blurred = bappsmith.distort(patches, [("gaussian_blur", 0.3), ("jpeg", 0.6)], seed=7)
        >>> blurred.shape, blurred.dtype
        ((4, 64, 64, 3), dtype('uint8'))

        A chain of a dataset, such as `row.plan.chain0`, or one that is drawn here:

        >>> from bappsmith.distortions import Draws, operator
        >>> from bappsmith.manifests.schema.call import Chain
        >>> chain = Chain((operator("contrast").call(0.5, Draws(1)), operator("jpeg").call(0.7, Draws(2))))
        >>> bool((bappsmith.distort(patches, chain)[1] == bappsmith.distort(patches[1], chain)).all())
        True

        Tensors:

        >>> import torch
        >>> batch = torch.rand(2, 3, 64, 64)
        >>> noisy = bappsmith.distort(batch, "gaussian_white_noise", severity=0.5)
        >>> noisy.shape, noisy.dtype
        (torch.Size([2, 3, 64, 64]), torch.float32)
    """
    torch = sys.modules.get("torch")  # if it was never imported, nobody has a tensor
    if torch is not None and isinstance(images, torch.Tensor):
        tensor = cast("torch.Tensor", images)
        return images_to_tensor(_distorted(tensor_to_images(tensor), by, severity, seed), tensor)
    array = _checked(images)
    distorted = _distorted([array] if array.ndim == 3 else list(array), by, severity, seed)
    if array.ndim == 3:
        return distorted[0].copy() if distorted[0] is array else distorted[0]
    return np.stack(distorted) if distorted else array.copy()


def _checked(images: object) -> Image:
    form = type(images).__name__
    if isinstance(images, np.ndarray):
        array = cast("NDArray[Any]", images)
        form = f"{array.dtype} {array.shape}"
        if array.dtype == np.uint8 and array.ndim in (3, 4) and array.shape[-1] == 3 and 0 not in array.shape[-3:]:
            return array
    raise BappsmithError(
        f"images to distort: expected uint8 H×W×3 or N×H×W×3 (RGB), or a torch tensor of floats, found {form}"
    )


def _distorted(images: list[Image], by: By, severity: float | None, seed: int) -> list[Image]:
    if severity is not None and not isinstance(by, str):
        raise BappsmithError(f"severity {severity:g}: a chain has its own severities; leave out severity")
    if isinstance(by, Chain):
        return apply_chains(images, [by] * len(images))
    pairs = _pairs([(by, DEFAULT_SEVERITY if severity is None else severity)] if isinstance(by, str) else by)
    operators = [(operator(name), level) for name, level in pairs]
    chains: list[Chain] = []
    for position, image in enumerate(images):
        draws = Draws(seed, position)
        chains.append(Chain(tuple(op.call(level, draws, min(image.shape[:2])) for op, level in operators)))
    return apply_chains(images, chains)


def _pairs(by: object) -> list[tuple[str, float]]:
    pairs = list(cast("Sequence[object]", by)) if isinstance(by, list | tuple) else [by]
    for pair in pairs:
        match pair:
            case (str(), int() | float()):
                continue
            case _:
                raise BappsmithError(
                    f"by: expected a name, a Chain, or a list of pairs (name, severity), found {pair!r}"
                )
    return cast("list[tuple[str, float]]", pairs)
