"""Image files made on the spot."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

# Left half red, right half blue, 8 wide and 4 high.
RED_BLUE = np.zeros((4, 8, 3), dtype=np.uint8)
RED_BLUE[:, :4, 0] = 255
RED_BLUE[:, 4:, 2] = 255

NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    """The file of an image in a format that Pillow writes."""
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header claims a huge image."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def tiff(tags: dict[int, tuple[int, ...]], pixels: bytes) -> bytes:
    """A little-endian TIFF of one strip (or tile), written from the specification (TIFF 6.0, section 2).

    Args:
        tags: number → values, all of type LONG; those of strips or tiles are added.
        pixels: content of the only strip or tile.
    """
    tiled = 322 in tags
    offset, length = (324, 325) if tiled else (273, 279)
    tags = dict(sorted({**tags, offset: (0,), length: (len(pixels),)}.items()))
    start = 8 + 2 + 12 * len(tags) + 4
    beyond = sum(4 * len(values) for values in tags.values() if len(values) > 1)
    tags[offset] = (start + beyond,)
    entries, extra = b"", b""
    for tag, values in tags.items():
        value = values[0] if len(values) == 1 else start + len(extra)
        entries += struct.pack("<HHII", tag, 4, len(values), value)
        extra += struct.pack(f"<{len(values)}I", *values) if len(values) > 1 else b""
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0) + extra + pixels


FILES = {
    "png": encode(Image.fromarray(NOISE), "PNG"),
    "jpeg": encode(Image.fromarray(NOISE), "JPEG"),
    "tiff": encode(Image.fromarray(NOISE), "TIFF"),
    "lzw tiff": encode(Image.fromarray(NOISE), "TIFF", compression="tiff_lzw"),
    "deflate tiff": encode(Image.fromarray(NOISE), "TIFF", compression="tiff_deflate"),
    "jpeg tiff": encode(Image.fromarray(NOISE), "TIFF", compression="jpeg"),
    "16-bit tiff": tiff(
        {256: (64,), 257: (64,), 258: (16, 16, 16), 259: (1,), 262: (2,), 277: (3,), 278: (64,)},
        NOISE.astype("<u2").tobytes(),
    ),
    "webp": encode(Image.fromarray(NOISE), "WEBP"),
    "gif": encode(Image.fromarray(NOISE), "GIF"),
    "bmp": encode(Image.fromarray(NOISE), "BMP"),
    "ppm": encode(Image.fromarray(NOISE), "PPM"),
    "jp2": encode(Image.fromarray(NOISE), "JPEG2000"),
    "avif": encode(Image.fromarray(NOISE), "AVIF"),
}
"""A file of every format that is read, 64×64."""
