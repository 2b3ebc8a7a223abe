"""Equivalents of the operators of `quantization` in other libraries."""

from __future__ import annotations

import math
from typing import Any

import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
from collect_peers import Peer
from PIL import Image as PIL
from torchvision.transforms.v2 import functional as tv

from bappsmith.distortions import Image
from bappsmith.distortions.quantization.ordered_dither import bayer_matrix


def stepped(i: Image, p: Any) -> Any:
    steps = np.floor(np.arange(256) / p.step + p.offset) + 0.5 - p.offset
    return cv2.LUT(i, np.clip(steps * p.step, 0, 255).astype(np.uint8))


def bits(p: Any) -> Any:
    return min(7, max(1, round(math.log2(256 / p.step))))


def few_colours(i: Image, p: Any) -> Any:
    whole = PIL.fromarray(i)
    table = whole.quantize(p.colours, PIL.Quantize.MEDIANCUT, dither=PIL.Dither.NONE)
    if not p.dithered:
        return np.asarray(table.convert("RGB"))
    return np.asarray(whole.quantize(palette=table, dither=PIL.Dither.FLOYDSTEINBERG).convert("RGB"))


def ordered(i: Image, p: Any) -> Any:
    matrix = (np.roll(bayer_matrix(p.side), (-p.row_phase, -p.column_phase), (0, 1)) + 0.5) / p.side**2
    repeats = [-(-side // p.side) for side in i.shape[:2]]
    threshold = np.tile(matrix.astype(np.float32), repeats)[: i.shape[0], : i.shape[1], None]
    index = (i * np.float32((p.levels - 1) / 255) + threshold).astype(np.uint8)
    return cv2.LUT(index, np.rint(np.arange(256) * (255 / (p.levels - 1))).clip(0, 255).astype(np.uint8))


def diffused(i: Image, p: Any) -> Any:
    """Spread errors over a table of as many levels per channel as fit into a palette, at most six."""
    levels = np.linspace(0, 255, min(6, p.levels)).round().astype(np.uint8)
    table = PIL.new("P", (1, 1))
    table.putpalette(np.stack(np.meshgrid(levels, levels, levels), -1).tobytes())
    return np.asarray(PIL.fromarray(i).quantize(palette=table).convert("RGB"))


PEERS: dict[str, dict[str, Peer]] = {
    # Steps of any size and phase need a table; whole bits need one "and".
    "posterize": {
        "cv2.LUT": lambda i, t, p: stepped(i, p),
        "albumentations posterize, bits": lambda i, t, p: ap.posterize(i, bits(p)),
        "torchvision posterize, bits": lambda i, t, p: tv.posterize(t, bits(p)),
    },
    "palette": {"Pillow quantize, median cut": lambda i, t, p: few_colours(i, p)},
    "ordered_dither": {"numpy": lambda i, t, p: ordered(i, p)},
    "error_diffusion_dither": {"Pillow quantize, up to 6 levels": lambda i, t, p: diffused(i, p)},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
