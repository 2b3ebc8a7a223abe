"""A BAPPS subset as tensors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import torch
from torch import Tensor

from bappsmith.manifests.dataset import sealed_subset_at
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, Kind
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.open import is_address
from bappsmith.manifests.subset import Subset

from .decode import Pixels
from .pack import Reduction, cache_path, pack, pack_from_address
from .packed import read_packed


@dataclass(frozen=True)
class PackedSubset:
    """A subset, mapped into memory: what is not used takes none.

    Attributes:
        root: its folder.
        kind: "2afc" or "jnd".
        packed: the file that holds its pixels.
        cache: where its packed copy would stand; what is computed from its pixels is kept beside that place, and never
            inside the dataset.
        pixels: uint8 N×K×H×W×3, RGB; K counts `folders`.
        labels: judge or same, float32, shape (N,), in [0, 1].
        stems: file names without suffix, shape (N,).
        enlarged: whether the files were enlarged patches, and were reduced.
        reduction: how.
        pixels_sha256: of the bytes of `pixels`, hex.
        sealed: the subset of a finished dataset that this is, with its rows; None for plain folders.
    """

    root: Path
    kind: Kind
    packed: Path
    cache: Path
    pixels: Tensor
    labels: Tensor
    stems: tuple[str, ...]
    enlarged: bool
    reduction: Reduction
    pixels_sha256: str
    sealed: SealedSubset | None

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """One item, as torch.utils.data.DataLoader asks for it: folder → float 3×H×W in [-1, 1], and the label."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.root} holds {len(self)} items, asked for {index}")
        images = to_signed(self.pixels[index])
        return {
            **{f: images[k] for k, f in enumerate(self.folders)},
            LABEL_FOLDER[self.kind]: self.labels[index],
        }

    @cached_property
    def content(self) -> str:
        """sha256 of pixels and labels, hex."""
        return hashlib.sha256(bytes.fromhex(self.pixels_sha256) + self.labels.numpy().tobytes()).hexdigest()

    @property
    def name(self) -> str:
        """The last three parts of its folder, such as 2afc/val/traditional."""
        return "/".join(self.root.resolve().parts[-3:])

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the images of an item: ref, p0, p1; JND: p0, p1."""
        return IMAGE_FOLDERS[self.kind]

    def image(self, folder: str, index: int) -> Pixels:
        """One image, uint8 H×W×3 RGB."""
        return np.array(self.pixels[index, self.folders.index(folder)].numpy())

    def batches(self, size: int) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        """Batches in order: folder → float N×3×H×W in [-1, 1] (channels last in memory), and labels."""
        for start in range(0, len(self), size):
            images = self.signed(start, start + size)
            yield dict(zip(self.folders, images, strict=True)), self.labels[start : start + size]

    def signed(self, start: int, end: int) -> list[Tensor]:
        """Consecutive items: one float N×3×H×W in [-1, 1] (channels last in memory) per folder."""
        return [to_signed(self.pixels[start:end, k]) for k in range(len(self.folders))]


def to_signed(pixels: Tensor) -> Tensor:
    """uint8 …×H×W×3 in [0, 255] → float32 …×3×H×W in [-1, 1], channels last in memory."""
    return (pixels.float().div_(127.5).sub_(1.0)).movedim(-1, -3)


SubsetSource: TypeAlias = str | Path | Subset | PackedSubset
"""A subset's folder or address, a subset of a `Dataset`, or one that was loaded before."""


def load_subset(
    source: SubsetSource,
    *,
    cache: Path | str | None = None,
    reduction: Reduction = "exact",
    progress: Callable[[int, int], None] | None = None,
) -> PackedSubset:
    """Read a BAPPS subset, ours or the original, into a mapped file; see `pack.pack`, whose arguments these are.

    Args:
        source: a subset's folder or address, or a subset of a `Dataset`, with the judgments it has there; a subset that
            was loaded before is given back as it is.
        cache: see `pack.pack`.
        reduction: see `pack.pack`.
        progress: see `pack.pack`.

    Raises:
        BappsmithError: see `pack.pack`; a packed file is damaged, or the dataset is not
            finished.
    """
    if isinstance(source, PackedSubset):
        return source
    subset = source if isinstance(source, Subset) else sealed_subset_at(source)
    sealed = subset if isinstance(subset, SealedSubset) else None
    root = cast("str | Path", source) if subset is None else subset.root
    if sealed is not None and is_address(root):
        path = pack_from_address(sealed, cache=cache, progress=progress)
    else:
        path = pack(root, cache=cache, reduction=reduction, progress=progress)
    file = read_packed(path)
    judgments = file.labels if subset is None else torch.from_numpy(subset.labels().shares.astype(np.float32))
    if len(judgments) != len(file.labels):
        raise BappsmithError(
            f"{path}: {len(file.labels)} items, {len(judgments)} judgments; make the packed file again"
        )
    return PackedSubset(
        root=Path(root),
        kind=file.kind,
        packed=path,
        cache=cache_path(root, cache, reduction),
        pixels=file.pixels,
        labels=judgments,
        stems=file.stems,
        enlarged=file.enlarged,
        reduction=file.reduction,
        pixels_sha256=file.pixels_sha256,
        sealed=sealed,
    )
