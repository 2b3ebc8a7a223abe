"""Equivalents of the operators of `spatial` in other libraries."""

from __future__ import annotations

import math
from typing import Any

import albumentations.augmentations.geometric.functional as ag
import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
import torch
from collect_peers import Peer
from torchvision.transforms.v2 import functional as tv

from bappsmith.distortions import Image

MIRROR, BILINEAR = cv2.BORDER_REFLECT_101, tv.InterpolationMode.BILINEAR


def about(i: Image, matrix: Any, x: float, y: float) -> Any:
    """Sample at a matrix times the position, about a point x, y px from the centre."""
    height, width = i.shape[:2]
    centre = np.array([(width - 1) / 2 + x, (height - 1) / 2 + y])
    full = np.column_stack([matrix, centre - np.asarray(matrix) @ centre])
    return cv2.warpAffine(i, full, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=MIRROR)


def rotation(i: Image, p: Any) -> Any:
    angle = math.radians(p.angle if p.direction == "clockwise" else -p.angle)
    matrix = [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    side = min(i.shape[:2])
    return about(i, matrix, p.centre_x * side, p.centre_y * side)


def rotation_by_torchvision(t: torch.Tensor, p: Any) -> Any:
    side = min(t.shape[1:])
    centre = [side * (0.5 + p.centre_x), side * (0.5 + p.centre_y)]
    return tv.rotate(t, -p.angle if p.direction == "clockwise" else p.angle, BILINEAR, center=centre)


def zoom(i: Image, p: Any) -> Any:
    """Zoom, with OpenCV's Gaussian blur before a reduction that needs one."""
    step, side = 1 / (1 + p.amount) if p.direction == "in" else 1 + p.amount, min(i.shape[:2])
    sigma = math.sqrt(max(0.0, step * step - 1) / 6)
    blurred = cv2.GaussianBlur(i, (0, 0), sigma) if sigma > 0.3 else i
    return about(blurred, np.eye(2) * step, p.centre_x * side, p.centre_y * side)


def remapped(i: Image, dx: Any, dy: Any) -> Any:
    x, y = np.meshgrid(np.arange(i.shape[1], dtype=np.float32), np.arange(i.shape[0], dtype=np.float32))
    return cv2.remap(i, x + dx.astype(np.float32), y + dy.astype(np.float32), cv2.INTER_LINEAR, borderMode=MIRROR)


def elastic(i: Image, p: Any) -> Any:
    """Blur uniform noise, as Simard et al. do."""
    cell = p.smoothness * min(i.shape[:2])
    sigma = cell / math.sqrt(3)
    scale = p.amount * cell * 2 * math.sqrt(math.pi) * sigma * 0.48  # the same root mean square as ours
    dx, dy = (
        cv2.GaussianBlur(cv2.randu(np.empty(i.shape[:2], np.float32), -1, 1), (0, 0), sigma) * scale for _ in range(2)
    )
    return remapped(i, dx, dy)


def elastic_by_albumentations(i: Image, p: Any) -> Any:
    cell = p.smoothness * min(i.shape[:2])
    sigma = cell / math.sqrt(3)
    maps = ag.generate_displacement_fields(
        i.shape[:2], p.amount * cell * 2 * sigma, sigma, False, (0, 0), np.random.default_rng(p.field_seed), "uniform"
    )
    return remapped(i, *maps)


def lens(i: Image, p: Any) -> Any:
    """Radial distortion from float maps, without a prefilter."""
    side = min(i.shape[:2])
    x, y = np.meshgrid(*((np.arange(n, dtype=np.float32) - (n - 1) / 2) / side for n in i.shape[1::-1]))
    u, v = x - p.centre_x, y - p.centre_y
    offset = p.centre_x**2 + p.centre_y**2
    far = 0.5 + abs(p.centre_x), 0.5 + abs(p.centre_y)
    k = p.amount / max((far[0] ** 2 + far[1] ** 2) * f - offset * (f - 0.5) for f in far)
    bend = (u * u + v * v) * (k if p.kind == "barrel" else -k)
    return remapped(i, u * bend * side, v * bend * side)


def lens_by_albumentations(i: Image, p: Any) -> Any:
    maps = ag.get_camera_matrix_distortion_maps(i.shape[:2], 4 * p.amount * (1 if p.kind == "barrel" else -1))
    return cv2.remap(i, *maps, cv2.INTER_LINEAR, borderMode=MIRROR)


def ripple(i: Image, p: Any) -> Any:
    length, angle, swing = p.wavelength * min(i.shape[:2]), math.radians(p.angle), math.radians(p.swing)
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) - (n - 1) / 2 for n in i.shape[1::-1]))
    turn = np.float32(2 * math.pi / length) * (x * math.cos(angle) + y * math.sin(angle)) + math.radians(p.phase)
    wave = p.amount * length * np.sin(turn)
    return remapped(i, wave * math.cos(swing), wave * math.sin(swing))


def rows(i: Image, p: Any) -> Any:
    shifts = cv2.randn(np.empty((i.shape[0], 1), np.float32), 0, p.sigma)
    return remapped(i, shifts, np.zeros(1))


def fringes(i: Image, p: Any) -> Any:
    side, growth = min(i.shape[:2]), p.amount / (p.distance + math.sqrt(0.5)) * (1 if p.larger == "red" else -1)
    x, y = (p.distance * side * part(math.radians(p.angle)) for part in (math.cos, math.sin))
    red, green, blue = cv2.split(i)
    return cv2.merge([about(red, np.eye(2) * (1 - growth), x, y), green, about(blue, np.eye(2) * (1 + growth), x, y)])


def jitter(i: Image, p: Any) -> Any:
    for _ in range(5):
        dx, dy = (cv2.randn(np.empty(i.shape[:2], np.float32), 0, p.sigma) for _ in range(2))
        i = remapped(i, dx, dy)
    return i


def blocks(i: Image, p: Any) -> Any:
    """Copy blocks in a loop, each at a random place; none reaches over the border."""
    rng, side = np.random.default_rng(p.blocks_seed), p.block
    height, width = i.shape[:2]
    result, padded = i.copy(), cv2.copyMakeBorder(i, *[p.distance] * 4, MIRROR)
    count = max(1, round(p.share * height * width / side**2))
    places = rng.integers(0, (height - side, width - side), (count, 2))
    for (top, left), (dy, dx) in zip(places, rng.integers(0, 2 * p.distance + 1, (count, 2)), strict=True):
        result[top : top + side, left : left + side] = padded[top + dy :, left + dx :][:side, :side]
    return result


PEERS: dict[str, dict[str, Peer]] = {
    "small_rotation": {
        "cv2.warpAffine": lambda i, t, p: rotation(i, p),
        "torchvision rotate": lambda i, t, p: rotation_by_torchvision(t, p),
    },
    "zoom": {"cv2.warpAffine": lambda i, t, p: zoom(i, p)},
    "elastic": {
        "cv2.GaussianBlur of noise, cv2.remap": lambda i, t, p: elastic(i, p),
        "albumentations elastic": lambda i, t, p: elastic_by_albumentations(i, p),
    },
    "lens_distortion": {
        "cv2.remap of float maps": lambda i, t, p: lens(i, p),
        "albumentations camera distortion, about the centre": lambda i, t, p: lens_by_albumentations(i, p),
    },
    "ripple": {"numpy sin, cv2.remap": lambda i, t, p: ripple(i, p)},
    "row_jitter": {"cv2.randn, cv2.remap": lambda i, t, p: rows(i, p)},
    "radial_chromatic_aberration": {
        "cv2.warpAffine of red and blue": lambda i, t, p: fringes(i, p),
        "albumentations chromatic_aberration, about the centre": lambda i, t, p: ap.chromatic_aberration(
            i, p.amount, 0, -p.amount, 0, cv2.INTER_LINEAR
        ),
    },
    "jitter": {"cv2.randn, cv2.remap, five times": lambda i, t, p: jitter(i, p)},
    "block_shift": {"none; numpy": lambda i, t, p: blocks(i, p)},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
