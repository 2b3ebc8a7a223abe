"""Patches of photographs for experiments in training, and pictures of them. Train and val share no photograph."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from bappsmith.distortions import Draws
from bappsmith.lpips.data.subset import to_signed
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.pipeline.sources.index import index_sources
from bappsmith.pipeline.sources.split import split_photographs


@dataclass(frozen=True)
class Patches:
    """Patches and where they come from.

    Attributes:
        images: float N×3×64×64 in [-1, 1].
        photo: number of the photograph of each, shape (N,).
    """

    images: Tensor
    photo: NDArray[np.intp]

    @property
    def content(self) -> str:
        """Start of the sha256 of the images."""
        return hashlib.sha256(self.images.contiguous().cpu().numpy().data).hexdigest()[:16]


def cut_patches(photos: str, count: int, val: int) -> tuple[Patches, Patches]:
    """Cut `count` patches for training and `val` for validation, reduced from squares of 64 … 192 px.

    Photographs take turns, so that the first few patches show different ones.
    """
    index = index_sources(Sources(path=photos))
    sides = split_photographs(index.photographs, 0.2, 0)
    cut: list[Patches] = []
    for photographs, wanted in ((sides["train"], count), (sides["val"], val)):
        of_photo: list[list[NDArray[np.uint8]]] = []
        for k, photo in enumerate(photographs):
            pixels, draws = index.read(photo), Draws(0, k)
            patches: list[NDArray[np.uint8]] = []
            for _ in range(-(-wanted // len(photographs))):
                side = min(64 + draws.integer(129), *pixels.shape[:2])
                y, x = (draws.integer(length - side + 1) for length in pixels.shape[:2])
                crop = pixels[y : y + side, x : x + side]
                patches.append(np.asarray(cv2.resize(crop, (64, 64), interpolation=cv2.INTER_AREA), np.uint8))
            of_photo.append(patches)
        order = [(k, n) for n in range(len(of_photo[0])) for k in range(len(of_photo))][:wanted]
        pixels = np.stack([of_photo[k][n] for k, n in order])
        cut.append(Patches(to_signed(torch.from_numpy(pixels)), np.array([k for k, _ in order], dtype=np.intp)))
    return cut[0], cut[1]


def picture(rows: list[Tensor]) -> Image.Image:
    """Draw rows of patches, enlarged twice."""
    grid = torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)
    pixels = ((grid + 1) * 127.5).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return Image.fromarray(pixels.repeat(2, axis=0).repeat(2, axis=1))
