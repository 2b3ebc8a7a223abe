"""Equivalents of the operators of `overlay` in other libraries.

None does the same. Those of albumentations add to levels: they convert nothing to linear light and back. `add_rain`
draws one kind of streak, opaque and without smooth edges.
"""

from __future__ import annotations

import math
from typing import Any

import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
from collect_peers import Peer

from bappsmith.distortions import Image
from bappsmith.distortions.random import uniform_field


def plasma_fog(i: Image, p: Any) -> Any:
    height, width = i.shape[:2]
    pattern = ap.generate_plasma_pattern((height, width), 0.5, np.random.default_rng(p.clouds_seed))
    kept = np.exp(-p.depth * (1 + p.patchiness * (2 * pattern.astype(np.float32) - 1)))[..., None]
    return cv2.convertScaleAbs(i * kept + np.float32(255 * p.airlight) * (1 - kept))


def count(i: Image, density: float) -> int:
    return max(1, round(density * i.shape[0] * i.shape[1] / 4096))


def rain(i: Image, p: Any) -> Any:
    drops = (np.random.default_rng(p.drops_seed).random((count(i, p.density), 2)) * i.shape[1::-1]).astype(np.int32)
    slant = p.length * math.tan(math.radians(p.angle))
    return ap.add_rain(i, slant, round(p.length), 1, (150, 150, 150), 3, 1.0, drops)


def snow(i: Image, p: Any) -> Any:
    texture, sparkle = ap.generate_snow_textures(i.shape[:2], np.random.default_rng(p.flakes_seed))
    return ap.add_snow_texture(i, 0.3, 1.5, texture, sparkle)


def spatter(i: Image, p: Any) -> Any:
    rng = np.random.default_rng(p.drops_seed)
    layer = cv2.GaussianBlur(rng.normal(0.65, 0.3, i.shape[:2]).astype(np.float32), (0, 0), p.size)
    layer[layer < 0.68] = 0
    if p.kind == "mud":
        params = ap.get_mud_params(layer, np.array([20, 42, 63]) / 255, 0.68, 1.0, 0.6, rng)
        return ap.spatter_mud(i, params["non_mud"], params["mud"])
    return ap.spatter_rain(i, ap.get_rain_params(layer, np.array([238, 238, 175]) / 255, 0.6)["drops"])


def specks(i: Image, p: Any) -> Any:
    mask = np.zeros(i.shape[:2], np.uint8)
    places = (uniform_field(p.specks_seed, (count(i, p.density), 2, 2)) + 1) * (8 * i.shape[0])
    for line in places.astype(np.int32):
        cv2.line(mask, line[0], line[1], 255, 1, cv2.LINE_AA, 4)
    mask = cv2.GaussianBlur(mask, (3, 3), 0.5)
    ground = np.full_like(i, 235 if p.film == "negative" else 20)
    return cv2.blendLinear(i, ground, 1 - mask.astype(np.float32) / 255, mask.astype(np.float32) / 255)


def squares(i: Image, p: Any) -> Any:
    rng, side = np.random.default_rng(p.blocks_seed), p.block
    covered = i.copy()
    count = max(1, round(p.share * i.shape[0] * i.shape[1] / side**2))
    places = rng.integers(0, (i.shape[0] - side, i.shape[1] - side), (count, 2))
    for (top, left), colour in zip(places, rng.integers(0, 256, (count, 3), np.uint8), strict=True):
        covered[top : top + side, left : left + side] = colour
    return cv2.addWeighted(i, 1 - p.opacity, covered, p.opacity, 0)


PEERS: dict[str, dict[str, Peer]] = {
    "haze": {"albumentations generate_plasma_pattern, numpy": lambda i, t, p: plasma_fog(i, p)},
    "rain": {"albumentations add_rain, on levels": lambda i, t, p: rain(i, p)},
    "snow": {"albumentations add_snow_texture, on levels": lambda i, t, p: snow(i, p)},
    "scratches_and_dust": {"none; cv2.line and cv2.blendLinear": lambda i, t, p: specks(i, p)},
    "color_block": {"none; numpy and cv2.addWeighted": lambda i, t, p: squares(i, p)},
    "spatter": {"albumentations spatter_rain, spatter_mud": lambda i, t, p: spatter(i, p)},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
