"""PNG files of small patches, written and read."""

from __future__ import annotations

import struct

import cv2
import deflate
import numpy as np

from bappsmith.distortions.base import Image
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.sources.native_messages import silent_opencv

_START = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_HEADER = b"\x00\x00\x00\x0dIHDR"
MAX_SIDE = 1024
"""px; no recipe makes larger patches."""
LEVEL = 1
"""Of libdeflate: smaller than OpenCV's fast path on patches of 64×64 (7.8 against 8.0 KB), in less time (74 µs, and 17
for the rest, against 129). ISA-L takes 41 µs, but some of its files differ from run to run (5 of 100,000)."""


def encode_png(image: Image) -> bytes:
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


def decode_png(data: bytes, name: str) -> Image:
    """Decode a PNG of ours, uint8 H×W×3 RGB. Size and checksums are looked at before a decoder sees the file.

    Raises:
        BappsmithError: not a whole PNG, or more than `MAX_SIDE` px a side; `name` says which.
    """
    width, height = _checked_size(data, name)
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise BappsmithError(f"{name}: an image of {width}×{height} px; patches have 1 to {MAX_SIDE} px a side")
    try:
        with silent_opencv():
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None or image.shape[:2] != (height, width):
        raise BappsmithError(f"{name}: not a readable image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _checked_size(data: bytes, name: str) -> tuple[int, int]:
    """(width, height) as the header says; every chunk is whole. OpenCV would print of others without naming them."""
    if data.startswith(_START + _HEADER):
        at = len(_START)
        while len(data) >= at + 12:
            end = at + 12 + int.from_bytes(data[at : at + 4], "big")
            if end > len(data) or deflate.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
                break
            if data[at + 4 : at + 8] == b"IEND":
                return struct.unpack_from(">II", data, 16)
            at = end
    raise BappsmithError(f"{name}: not a readable image")


def _chunk(kind: bytes, data: bytes | bytearray) -> bytes:
    return b"".join(
        (
            struct.pack(">I", len(data)),
            kind,
            data,
            struct.pack(">I", deflate.crc32(data, deflate.crc32(kind))),
        )
    )
