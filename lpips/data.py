"""BAPPS subsets as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from ..manifests.bapps import IMAGE_FOLDERS, Kind, read_subset
from ..manifests.errors import BappsmithError

ENLARGED = 4
"""The distributed BAPPS holds its 64×64 patches enlarged so many times by nearest neighbour."""


@dataclass(frozen=True)
class Subset:
    """A subset in memory.

    Attributes:
        root: its folder.
        kind: "2afc" or "jnd".
        images: folder name (ref, p0, p1; JND: p0, p1) → uint8 N×3×H×W, RGB.
        labels: judge or same, float32, shape (N,), in [0, 1].
        enlarged: whether the files were enlarged patches, and were reduced to the true ones.
    """

    root: Path
    kind: Kind
    images: dict[str, Tensor]
    labels: Tensor
    enlarged: bool

    def __len__(self) -> int:
        return len(self.labels)

    def batches(self, size: int, order: Tensor | None = None) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        """Batches in the given order: folder → float N×3×H×W in [-1, 1], and labels."""
        order = torch.arange(len(self)) if order is None else order
        for indices in order.split(size):
            yield {name: to_signed(all_[indices]) for name, all_ in self.images.items()}, self.labels[indices]


def to_signed(images: Tensor) -> Tensor:
    """uint8 in [0, 255] → float32 in [-1, 1]."""
    return images.float().div_(127.5).sub_(1.0)


def load_subset(root: Path | str) -> Subset:
    """Read a BAPPS subset, ours or the original, into memory (about 37 KB a triplet of 64×64).

    Files are paired by stem. Patches enlarged four times by nearest neighbour are recognised, and
    every fourth pixel is taken: the true patch.

    Raises:
        BappsmithError: a folder or partner is missing, a judgment is no share of votes, an image
            cannot be read, or images differ in size.
    """
    folder = read_subset(root)
    names = IMAGE_FOLDERS[folder.kind]
    labels = torch.from_numpy(folder.labels())
    with ThreadPoolExecutor(4) as pool:  # Pillow decodes without the GIL
        stacks = {name: list(pool.map(_read, [item.images[name] for item in folder])) for name in names}
    first = stacks[names[0]][0].shape
    for name in names:
        for item, image in zip(folder, stacks[name], strict=True):
            if image.shape != first:
                sizes = f"{image.shape[1]}×{image.shape[0]}, others {first[1]}×{first[0]}"
                raise BappsmithError(f"{item.images[name]}: images of a subset have one size; found {sizes}")
    arrays = {name: np.stack(stack) for name, stack in stacks.items()}
    enlarged = all(_is_enlarged(array) for array in arrays.values())
    step = ENLARGED if enlarged else 1
    images = {
        name: torch.from_numpy(np.ascontiguousarray(array[:, ::step, ::step].transpose(0, 3, 1, 2)))
        for name, array in arrays.items()
    }
    return Subset(folder.root, folder.kind, images, labels, enlarged)


def join(subsets: Sequence[Subset]) -> Subset:
    """Several subsets as one, in order.

    Raises:
        BappsmithError: they differ in kind or in the size of images.
    """
    first = subsets[0]
    for other in subsets[1:]:
        if other.kind != first.kind or other.images["p0"].shape[1:] != first.images["p0"].shape[1:]:
            raise BappsmithError(f"{first.root} and {other.root} differ in kind or in the size of images")
    images = {name: torch.cat([s.images[name] for s in subsets]) for name in first.images}
    labels = torch.cat([s.labels for s in subsets])
    return Subset(first.root, first.kind, images, labels, any(s.enlarged for s in subsets))


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise BappsmithError(f"{path}: not a readable image ({error})") from error


def _is_enlarged(images: NDArray[np.uint8]) -> bool:
    """Whether every 4×4 block of N×H×W×3 is of one colour."""
    height, width = images.shape[1:3]
    if height % ENLARGED or width % ENLARGED or min(height, width) < 8 * ENLARGED:
        return False
    blocks = images.reshape(len(images), height // ENLARGED, ENLARGED, width // ENLARGED, ENLARGED, 3)
    return bool((blocks == blocks[:, :, :1, :, :1]).all())
