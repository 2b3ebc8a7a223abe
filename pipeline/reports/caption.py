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
    """Write small text, one line below the other.

    Args:
        draw: of the picture.
        left: left edge of the text, px.
        top: top of the first line, px.
        text: lines, separated by newlines.
        fill: RGB colour, each 0 to 255.
    """
    font = ImageFont.load_default(_SIZE)
    for number, line in enumerate(text.split("\n")):
        draw.text((left, top + number * LINE), _spaced(line), fill=fill, font=font)


def caption_width(text: str) -> int:
    """Return the width of the widest line, px."""
    font = ImageFont.load_default(_SIZE)
    return math.ceil(max(font.getlength(_spaced(line)) for line in text.split("\n")))


def _spaced(line: str) -> str:
    """Double the spaces: at this size they are two pixels wide in Pillow's font, and words would run together."""
    return line.replace(" ", "  ")
