"""Decoding the images of a subset; the size of an image is read from its header before anything is allocated."""

from __future__ import annotations

import io
import struct
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.file import File, read_file

Pixels: TypeAlias = NDArray[np.uint8]

MAX_SIDE = 4096
"""Longest side of an image of a subset, px; BAPPS distributes 256×256."""
MAX_BYTES = 2**26
"""Largest file of an image: 4096×4096 px, four bytes each."""
FORMATS = ("PNG", "JPEG", "PPM", "BMP")
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def decode_image(file: File, *, max_pixels: int = MAX_SIDE**2) -> Pixels:
    """Decode an image of a subset.

    Args:
        file: a PNG, JPEG, PPM or BMP file.
        max_pixels: number of pixels of the other images of the subset; an image of more is refused by its header.

    Returns:
        uint8 H×W×3, RGB.

    Raises:
        BappsmithError: no regular file, no image of these formats, a damaged one, or one of too many pixels or bytes.
    """
    try:
        data = read_file(file, min(MAX_BYTES, 2**20 + 8 * max_pixels))
        width, height = _size(data)
        if max(width, height) > MAX_SIDE:
            raise BappsmithError(
                f"{file}: images of a subset have at most {MAX_SIDE}×{MAX_SIDE} px, found {width}×{height}"
            )
        if width * height > max_pixels:
            raise BappsmithError(
                f"{file}: images of a subset have one size; found {width}×{height} px, others {max_pixels:,} pixels; to leave "
                "the item out, move all files of its stem out of the subset"
            )
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except BappsmithError:
        raise
    except Exception as error:  # Pillow raises many kinds on damaged headers
        raise BappsmithError(f"{file}: not a readable image ({' '.join(str(error).split())[:200]})") from error
    if image is None:
        raise BappsmithError(f"{file}: not a readable image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _size(data: bytes) -> tuple[int, int]:
    """Width and height, px, as the header says."""
    if data.startswith(_PNG):  # several hundred times as fast as Pillow, and nearly every image is one
        width, height = struct.unpack_from(">II", data, len(_PNG))
        return width, height
    with PIL.open(io.BytesIO(data), formats=FORMATS) as image:
        return image.size
