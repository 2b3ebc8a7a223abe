"""A photograph in the index."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Photograph:
    """One source image, decoded upright (EXIF orientation applied) to RGB.

    Attributes:
        name: path below the source folder, with forward slashes.
        sha256: of the file, hex.
        height: px, after EXIF orientation.
        width: px, after EXIF orientation.
        pixels_sha256: of the decoded pixels, hex. Train and val are divided by it.
    """

    name: str
    sha256: str
    height: int
    width: int
    pixels_sha256: str
