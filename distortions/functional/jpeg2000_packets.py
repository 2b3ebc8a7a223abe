"""Lose packets of a JPEG 2000 codestream (ITU-T T.800, Annexes A and B)."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image as PIL

from bappsmith.distortions.image import Image

SQUARE = 32
"""Side in px of the squares of the image that packets belong to."""
_RESOLUTIONS = 4
_SOT, _PLT, _SOD, _EOC = 0xFF90, 0xFF58, 0xFF93, 0xFFD9
_EMPTY = b"\x00"
"""A packet without data: the first bit of its header is 0."""


def packets_lost(image: Image, lost: Callable[[int], list[int]]) -> Image:
    """Encode an image as JPEG 2000 without visible loss, leave packets out, and decode it.

    A packet holds the wavelet coefficients of one component (luma, Cb, Cr), at one of four resolutions, in one square
    of `SQUARE`×`SQUARE` px. Empty packets take the place of those that are left out, so the codestream stays valid, and
    the decoder takes the coefficients for 0.

    Args:
        image: uint8 H×W×3 RGB; H and W are multiples of `SQUARE`.
        lost: returns the positions of the packets to leave out, for the number of packets.

    Returns:
        A new image, uint8 H×W×3 RGB.
    """
    file = io.BytesIO()
    PIL.fromarray(image).save(
        file,
        "JPEG2000",
        no_jp2=True,
        irreversible=True,
        mct=1,
        num_resolutions=_RESOLUTIONS,
        codeblock_size=(SQUARE // 2, SQUARE // 2),
        precinct_size=(SQUARE, SQUARE),
        progression="RLCP",
        plt=True,
    )
    header, packets = _split(file.getvalue())
    for position in lost(len(packets)):
        packets[position] = _EMPTY
    with PIL.open(io.BytesIO(_joined(header, packets))) as decoded:
        return np.array(decoded.convert("RGB"))


def _split(stream: bytes) -> tuple[bytes, list[bytes]]:
    """Return the main header, and the packets of the only tile-part, as its PLT marker divides them."""
    at, header, lengths = 2, b"", list[int]()
    while (marker := _number(stream, at)) != _SOD:
        if marker == _SOT:
            header = stream[:at]
        size = _number(stream, at + 2)
        if marker == _PLT:
            lengths += _lengths(stream[at + 5 : at + 2 + size])
        at += 2 + size
    at += 2
    packets: list[bytes] = []
    for length in lengths:
        packets.append(stream[at : at + length])
        at += length
    return header, packets


def _lengths(coded: bytes) -> list[int]:
    """Return the lengths in a PLT marker: 7 bits per byte, the high bit says that the number goes on."""
    lengths, length = list[int](), 0
    for byte in coded:
        length = length << 7 | byte & 127
        if byte < 128:
            lengths.append(length)
            length = 0
    return lengths


def _joined(header: bytes, packets: list[bytes]) -> bytes:
    """Return a codestream of one tile-part."""
    body = b"".join(packets)
    tile = struct.pack(">HHHIBB", _SOT, 10, 0, 14 + len(body), 0, 1)
    return header + tile + struct.pack(">H", _SOD) + body + struct.pack(">H", _EOC)


def _number(stream: bytes, at: int) -> int:
    return int.from_bytes(stream[at : at + 2], "big")
