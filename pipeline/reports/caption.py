"""Captions of contact sheets."""

from __future__ import annotations

import math

from PIL import ImageDraw, ImageFont

LINE = 13
"""Height of a line of a caption, px."""
_SIZE = 11


def write_caption(
    draw: ImageDraw.ImageDraw, left: int, top: int, text: str, fill: tuple[int, int, int] = (30, 30, 30)
) -> None:
    """Write small text, lines below each other.

    Args:
        draw: of the picture to write on.
        left: of the text, px.
        top: of the first line, px.
        text: what to write.
        fill: RGB colour.
    """
    font = ImageFont.load_default(_SIZE)
    for number, line in enumerate(text.split("\n")):
        draw.text((left, top + number * LINE), _spaced(line), fill=fill, font=font)


def caption_width(text: str) -> int:
    """Width of the widest line, px."""
    font = ImageFont.load_default(_SIZE)
    return math.ceil(max(font.getlength(_spaced(line)) for line in text.split("\n")))


def _spaced(line: str) -> str:
    """Double the spaces: at this size, those of Pillow's font are two pixels wide, and words run together."""
    return line.replace(" ", "  ")
