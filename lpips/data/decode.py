"""Decode the images of a subset. The size of an image is read from its header before memory is allocated."""

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
"""Longest side of an image of a subset, px. The distributed BAPPS has 256×256."""
MAX_BYTES = 2**26
"""Largest image file, bytes: 4096×4096 px of four bytes each."""
FORMATS = ("PNG", "JPEG", "PPM", "BMP")
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def decode_image(file: File, *, max_pixels: int = MAX_SIDE**2) -> Pixels:
    """Decode an image of a subset.

    Args:
        file: a PNG, JPEG, PPM or BMP file.
        max_pixels: number of pixels of the other images of the subset. A larger image is refused by its header.

    Returns:
        uint8 H×W×3, RGB.

    Raises:
        BappsmithError: the file is not a regular file, has another format, is damaged, or has too many pixels or bytes.
    """
    try:
        data = read_file(file, min(MAX_BYTES, 2**20 + 8 * max_pixels))
        width, height = _size(data)
        if max(width, height) > MAX_SIDE:
            raise BappsmithError(
                f"{file}: images of a subset have at most {MAX_SIDE}×{MAX_SIDE} px, found {width}×{height}; make it "
                "smaller"
            )
        if width * height > max_pixels:
            raise BappsmithError(
                f"{file}: images of a subset have one size; found {width}×{height} px, others {max_pixels:,} pixels; "
                "to leave the item out, move all files of its stem out of the subset"
            )
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except BappsmithError:
        raise
    except Exception as error:  # Pillow raises many types of errors for damaged headers
        raise BappsmithError(f"{file}: not a readable image ({' '.join(str(error).split())[:200]})") from error
    if image is None:
        raise BappsmithError(f"{file}: not a readable image; restore it")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _size(data: bytes) -> tuple[int, int]:
    """Read width and height, px, from the header."""
    if data.startswith(_PNG):  # several hundred times faster than Pillow, and most images are PNG
        width, height = struct.unpack_from(">II", data, len(_PNG))
        return width, height
    with PIL.open(io.BytesIO(data), formats=FORMATS) as image:
        return image.size
