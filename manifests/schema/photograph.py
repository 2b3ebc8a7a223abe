"""A photograph as it was indexed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Photograph:
    """One source image, as decoded: upright, RGB.

    Attributes:
        name: path below the source folder, with forward slashes.
        sha256: of the file, hex.
        height: px, after EXIF orientation.
        width: px, after EXIF orientation.
        pixels_sha256: of the decoded pixels, hex: what train and val are divided by.
    """

    name: str
    sha256: str
    height: int
    width: int
    pixels_sha256: str
