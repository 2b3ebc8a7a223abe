"""PNG files of small patches, written and read."""

from __future__ import annotations

import io
import struct
import warnings

import deflate
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.manifests.errors import BappsmithError

_START = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
LEVEL = 1
"""Of libdeflate: smaller than OpenCV's fast path on patches of 64×64 (7.8 against 8.0 KB), in less time (74 µs, and 17
for the rest, against 129). ISA-L takes 41 µs, but some of its files differ from run to run (5 of 100,000)."""


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """PNG (W3C, third edition) of a patch: 8-bit RGB, every row filtered by its left neighbour (filter 1, Sub).

    Args:
        image: uint8 H×W×3, RGB.
    """
    height, width, _ = image.shape
    flat = image.reshape(height, 3 * width)
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    rows[:, 0] = 1
    rows[:, 1:4] = flat[:, :3]
    np.subtract(flat[:, 3:], flat[:, :-3], out=rows[:, 4:])
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"".join((_START, header, _chunk(b"IDAT", deflate.zlib_compress(rows, LEVEL)), _END))


def decode_png(data: bytes, name: str, side: int) -> NDArray[np.uint8]:
    """Decode a square PNG of ours.

    Args:
        data: content of the file.
        name: of the file, for the error.
        side: px; an image of another size is refused before memory is taken for it.

    Returns:
        uint8 side×side×3, RGB.

    Raises:
        BappsmithError: not a readable PNG of that size.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of a bomb where the size is refused below
            with PIL.open(io.BytesIO(data), formats=("PNG",)) as image:
                if image.size != (side, side):
                    raise BappsmithError(f"{name}: {image.width}×{image.height} px, expected {side}×{side}")
                return np.array(image.convert("RGB"))
    except BappsmithError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds on damaged files
        raise BappsmithError(f"{name}: not a readable PNG ({' '.join(str(error).split())})") from error


def largest_png(side: int) -> int:
    """Bytes that no PNG of a patch that `encode_png` writes exceeds: its pixels as they are, and the rest of the file."""
    return side * (3 * side + 1) * 1001 // 1000 + 1024


def _chunk(kind: bytes, data: bytes | bytearray) -> bytes:
    return b"".join(
        (
            struct.pack(">I", len(data)),
            kind,
            data,
            struct.pack(">I", deflate.crc32(data, deflate.crc32(kind))),
        )
    )
