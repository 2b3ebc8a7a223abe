"""Apply chains to pixels. Nothing random is drawn here."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall

from .base import Image, check_image
from .random import Draws
from .registry import operator


def distort(image: Image, name: str, severity: float = 0.5, seed: int = 0) -> Image:
    """Distort one image with one operator.

    Args:
        image: uint8 H×W×3 RGB; it is not changed.
        name: of a registered operator, such as "jpeg".
        severity: in [0, 1]; 0 returns the image itself.
        seed: of all random parameters; the same seed gives the same pixels.

    Returns:
        uint8 H×W×3 RGB of the same shape.

    Raises:
        BappsmithError: the operator is unknown, severity is outside of [0, 1], or the image has another form.
    """
    return apply_chain(image, Chain((operator(name).call(severity, Draws(seed)),)))


def apply_chain(image: Image, chain: Chain) -> Image:
    """Apply the operators of a chain, first to last.

    Args:
        image: uint8 H×W×3 RGB; it is not changed.
        chain: operators with drawn parameters; those of severity 0 are not applied.

    Returns:
        uint8 H×W×3 RGB of the same shape; the image itself if no operator was applied.

    Raises:
        BappsmithError: an operator is unknown, fails, or breaks its contract of shape and dtype.
    """
    return apply_chains([image], [chain])[0]


def apply_chains(images: Sequence[Image], chains: Sequence[Chain]) -> list[Image]:
    """Apply one chain to each image. The result equals `apply_chain` one by one.

    Calls at the same position of the chains are grouped by operator, so that `apply_batch` gets all their images at
    once.

    Args:
        images: uint8 H×W×3 RGB each; they are not changed.
        chains: one per image.

    Returns:
        One image per input, in order.

    Raises:
        BappsmithError: see `apply_chain`.
    """
    results = list(images)
    for image in results:
        check_image(image, "image to distort")
    for position in range(max((len(chain.calls) for chain in chains), default=0)):
        groups: dict[str, list[int]] = {}
        for i, chain in enumerate(chains):
            if position < len(chain.calls) and chain.calls[position].severity > 0:
                groups.setdefault(chain.calls[position].name, []).append(i)
        for name, members in groups.items():
            distorted = _apply_group(name, [results[i] for i in members], [chains[i].calls[position] for i in members])
            for i, image in zip(members, distorted, strict=True):
                results[i] = image
    return results


def _apply_group(name: str, images: list[Image], calls: list[OperatorCall]) -> list[Image]:
    try:
        distorted = operator(name).apply_batch(images, [call.params for call in calls])
    except BappsmithError:
        raise
    except Exception as error:  # a person's own operator may raise anything
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        raise BappsmithError(
            f"operator '{name}' failed at {where}: {' '.join(f'{type(error).__name__}: {error}'.split())}"
        ) from error
    if len(distorted) != len(images):
        raise BappsmithError(f"operator '{name}' returned {len(distorted)} images for {len(images)}")
    for before, after in zip(images, distorted, strict=True):
        check_image(after, f"result of operator '{name}'")
        if after.shape != before.shape:
            raise BappsmithError(f"operator '{name}' changed the shape from {before.shape} to {after.shape}")
    return distorted
