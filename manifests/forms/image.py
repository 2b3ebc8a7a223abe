"""Images of datasets that others made, decoded within bounds."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.manifests.errors import BappsmithError

FORMATS = ("PNG", "JPEG", "PPM", "BMP")
LARGEST_SIDE = 4096
"""px; a patch of the distributed BAPPS has 256."""
LARGEST_FILE = 128 << 20
"""Bytes of an image file; an uncompressed image of the largest side has half of that."""


def decode_image(data: bytes, name: str) -> NDArray[np.uint8]:
    """Decode an image of a subset.

    Args:
        data: content of the file.
        name: of the file, for the error.

    Returns:
        uint8 H×W×3, RGB.

    Raises:
        BappsmithError: not a readable image, or a side is longer than `LARGEST_SIDE`; that is known before memory is
            taken for it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of a bomb where the size is refused below
            with PIL.open(io.BytesIO(data), formats=FORMATS) as image:
                if max(image.size) > LARGEST_SIDE:
                    raise BappsmithError(
                        f"{name}: {image.width}×{image.height} px; images of a subset have at most {LARGEST_SIDE} px a side"
                    )
                return np.array(image.convert("RGB"))
    except BappsmithError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds on damaged files
        raise BappsmithError(f"{name}: not a readable image ({' '.join(str(error).split())})") from error
