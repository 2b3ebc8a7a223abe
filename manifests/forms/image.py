"""Decode images of datasets from other sources, in bounded memory."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.manifests.errors import BappsmithError

FORMATS = ("PNG", "JPEG", "PPM", "BMP")
LARGEST_SIDE = 4096
"""Longest side, px. A patch of the distributed BAPPS has 256."""
LARGEST_FILE = 128 << 20
"""Largest image file, bytes. An uncompressed image with the longest sides has half of it."""


def decode_image(data: bytes, name: str) -> NDArray[np.uint8]:
    """Decode an image of a subset.

    Args:
        data: content of the file.
        name: of the file, for the error.

    Returns:
        uint8 H×W×3, RGB.

    Raises:
        BappsmithError: the file is not a readable image, or a side is longer than `LARGEST_SIDE`. The size is checked
            before memory is allocated.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about sizes that are refused below
            with PIL.open(io.BytesIO(data), formats=FORMATS) as image:
                if max(image.size) > LARGEST_SIDE:
                    raise BappsmithError(
                        f"{name}: {image.width}×{image.height} px, at most {LARGEST_SIDE}×{LARGEST_SIDE} px are "
                        "allowed; make the image smaller"
                    )
                return np.array(image.convert("RGB"))
    except BappsmithError:
        raise
    except Exception as error:  # Pillow's decoders raise many types of errors for damaged files
        raise BappsmithError(f"{name}: not a readable image ({' '.join(str(error).split())}); restore it") from error
