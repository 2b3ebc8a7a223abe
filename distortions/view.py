"""A patch with the pixels around it, for operators that need more than the patch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from .image import Image, check_image

FRAMES: tuple[Literal["before", "after"], ...] = ("before", "after")
"""What the two frames beside a photograph are called."""
_MOVED = (2, -3)
"""Px along both axes by which an image is moved to make up its frames. The image is not just half-way between them."""


@dataclass(frozen=True, slots=True)
class View:
    """Pixels to distort, with their surroundings.

    The surroundings are those of the photograph. Where the photograph ends, and around an image that was given without
    surroundings, they are mirrored.

    Attributes:
        image: uint8 (H + 2·margin)×(W + 2·margin)×3 RGB. An operator that receives the view returns H×W×3.
        margin: px on each side that are not in the result.
        patch: height and width of the patch of the triplet, in px: what the unit "patch" refers to. It has the same
            centre as the image. H×W is larger if a later operator of the chain needs surroundings too.
        frames: the frames before and after the photograph in its sequence, at the same place: two images of the size of
            `image`. Empty for operators that do not ask for them (`Distortion.neighbours`).
    """

    image: Image
    margin: int
    patch: tuple[int, int]
    frames: tuple[Image, ...] = ()

    @property
    def side(self) -> int:
        """Shorter side of the patch in px, the unit "patch"."""
        return min(self.patch)

    @property
    def shape(self) -> tuple[int, int]:
        """H and W of the result, in px."""
        height, width = self.image.shape[:2]
        return height - 2 * self.margin, width - 2 * self.margin

    @property
    def centre(self) -> Image:
        """The pixels without surroundings: uint8 H×W×3, not a copy."""
        return trimmed(self.image, self.margin)


def bare(image: Image) -> View:
    """Return an image as a view without surroundings.

    Raises:
        BappsmithError: it is not uint8 H×W×3.
    """
    check_image(image, "image to distort")
    return View(image, 0, image.shape[:2])


def with_margin(view: View, margin: int) -> View:
    """Return a view with another margin: a part of its surroundings, or with mirrored ones where it has too few.

    Args:
        view: the view.
        margin: px on each side.
    """
    image, *frames = (_resized(image, margin - view.margin) for image in (view.image, *view.frames))
    return View(image, margin, view.patch, tuple(frames))


def with_frames(view: View) -> View:
    """Return a view with frames. If it has none, they are its own image, moved by two and three px to either side."""
    if view.frames:
        return view
    height, width = view.image.shape[:2]
    frames = tuple(window(view.image, by, by, height, width).copy() for by in _MOVED)
    return replace(view, frames=frames)


def _resized(image: Image, by: int) -> Image:
    """Return an image with `by` more px on each side, which are mirrored; or with fewer."""
    return np.ascontiguousarray(trimmed(image, -by)) if by < 0 else surrounded(image, by)


def trimmed(image: Image, margin: int) -> Image:
    """Return an image without `margin` px on each side; not a copy."""
    return image[margin : image.shape[0] - margin, margin : image.shape[1] - margin]


def window(image: Image, top: int, left: int, height: int, width: int) -> Image:
    """Return a rectangle of an image; not a copy where it lies inside.

    Beyond the border, the part that lies inside is mirrored; border pixels are not repeated.
    """
    bottom, right = top + height - image.shape[0], left + width - image.shape[1]
    inside = image[max(top, 0) : top + height, max(left, 0) : left + width]
    if max(-top, -left, bottom, right) <= 0:
        return inside
    padding = (max(-top, 0), max(bottom, 0), max(-left, 0), max(right, 0))
    return np.asarray(cv2.copyMakeBorder(inside, *padding, cv2.BORDER_REFLECT_101), np.uint8)


def surrounded(image: Image, margin: int) -> Image:
    """Return an image with `margin` mirrored px on each side; the border pixels are not repeated."""
    if margin == 0:
        return image
    return window(image, -margin, -margin, image.shape[0] + 2 * margin, image.shape[1] + 2 * margin)
