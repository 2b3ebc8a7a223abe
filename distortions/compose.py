"""Apply chains to pixels. Nothing random is drawn here."""

from __future__ import annotations

import math
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain, OperatorCall

from .base import Distortion
from .image import Image, check_image
from .registry import operator
from .view import View, bare, trimmed, with_frames, with_margin


def apply_chain(image: Image | View, chain: Chain) -> Image:
    """Apply the operators of a chain, first to last.

    Args:
        image: uint8 H×W×3 RGB, or a view with surroundings; it is not changed.
        chain: operators with drawn parameters; those of severity 0 are not applied.

    Returns:
        uint8 H×W×3 RGB, without surroundings; the image itself if no operator was applied.

    Raises:
        BappsmithError: an operator is unknown, fails, or breaks its contract of shape and dtype.

    Examples:
        >>> from bappsmith.distortions import Draws, operator
        >>> from bappsmith.distortions.patches import natural_patches
        >>> from bappsmith.manifests.schema.call import Chain
        >>> blur, jpeg = operator("gaussian_blur").call(0.4, Draws(1)), operator("jpeg").call(0.7, Draws(2))
        >>> apply_chain(natural_patches(1)[0], Chain((blur, jpeg))).shape
        (64, 64, 3)
    """
    return apply_chains([image], [chain])[0]


def apply_chains(images: Sequence[Image | View], chains: Sequence[Chain]) -> list[Image]:
    """Apply one chain to each image. The result equals `apply_chain` one by one.

    Calls at the same position of the chains are grouped by operator, so that `apply_batch` gets all their images at
    once. If operators need surroundings that a view lacks, those that it has are mirrored.

    Args:
        images: uint8 H×W×3 RGB each, or views with surroundings; they are not changed.
        chains: one per image.

    Returns:
        One image per input, in order.

    Raises:
        BappsmithError: see `apply_chain`.
    """
    shapes: list[tuple[int, int]] = []
    margins: list[list[int]] = []
    current: list[Image] = []
    frames: list[tuple[Image, ...]] = []
    for image, chain in zip(images, chains, strict=True):
        view = image if isinstance(image, View) else bare(image)
        shapes.append(view.patch)
        margins.append(margins_of(chain, view.side))
        view = with_margin(view, sum(margins[-1]))
        current.append(view.image)
        frames.append(view.frames)
    for position in range(max((len(chain.calls) for chain in chains), default=0)):
        groups: dict[str, list[int]] = {}
        for i, chain in enumerate(chains):
            if position < len(chain.calls) and chain.calls[position].severity > 0:
                groups.setdefault(chain.calls[position].name, []).append(i)
        for name, members in groups.items():
            op = operator(name)
            inputs: list[Image | View] = []
            for i in members:
                view = View(current[i], margins[i][position], shapes[i])
                if op.neighbours:
                    smaller = (frames[i][0].shape[0] - current[i].shape[0]) // 2 if frames[i] else 0
                    view = with_frames(replace(view, frames=tuple(trimmed(frame, smaller) for frame in frames[i])))
                inputs.append(view if op.takes_view else view.image)
            distorted = _apply_group(op, inputs, [chains[i].calls[position] for i in members])
            for i, image in zip(members, distorted, strict=True):
                current[i] = image
    return [np.ascontiguousarray(image) for image in current]


def margins_of(chain: Chain, side: int) -> list[int]:
    """Return the margin of every call of a chain: px around what the later calls need.

    Args:
        chain: operators with drawn parameters.
        side: shorter side of the patch, px.

    Raises:
        BappsmithError: an operator is unknown, or its margin is not a whole number of at least 0, or is too large.
    """
    margins: list[int] = []
    later = 0
    for call in reversed(chain.calls):
        margin = _margin(operator(call.name), call, side) if call.severity > 0 else 0
        # The operator works on more than the patch. A displacement can grow in proportion to the distance from the
        # centre, so the margin does.
        margin = math.ceil(margin * (1 + 2 * later / side))
        margins.append(margin)
        later += margin
    return margins[::-1]


def largest_margin(side: int) -> int:
    """Return the largest allowed margin of an operator in px: four sides of the patch, or 64 px."""
    return max(4 * side, 64)


def _margin(op: Distortion, call: OperatorCall, side: int) -> int:
    if not op.takes_view:
        return 0
    try:
        margin = cast(object, op.margin(side, call.params))
    except Exception as error:  # a person's own operator may raise anything
        raise _failed(op, error) from error
    largest = largest_margin(side)
    if not isinstance(margin, int) or not 0 <= margin <= largest:
        raise BappsmithError(
            f"operator '{op.name}': margin must be a whole number of px in [0, {largest}], found {margin!r}"
        )
    return margin


def _apply_group(op: Distortion, inputs: list[Image | View], calls: list[OperatorCall]) -> list[Image]:
    try:
        distorted = op.distort(inputs, [call.params for call in calls])
    except BappsmithError:
        raise
    except Exception as error:  # a person's own operator may raise anything
        raise _failed(op, error) from error
    if len(distorted) != len(inputs):
        raise BappsmithError(f"operator '{op.name}' returned {len(distorted)} images for {len(inputs)}")
    for before, after in zip(inputs, distorted, strict=True):
        check_image(after, f"result of operator '{op.name}'")
        expected = (*before.shape[:2], 3)
        if after.shape != expected:
            raise BappsmithError(f"operator '{op.name}' must return the shape {expected}, found {after.shape}")
    return distorted


def _failed(op: Distortion, error: Exception) -> BappsmithError:
    if reason := op.unavailable():
        return BappsmithError(f"operator '{op.name}' {reason}")
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return BappsmithError(
        f"operator '{op.name}' failed at {where}: {' '.join(f'{type(error).__name__}: {error}'.split())}"
    )
