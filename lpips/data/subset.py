"""A BAPPS subset as tensors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from bappsmith.manifests.dataset import sealed_subset_at
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.labelling import Labelling, own_labelling
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.open import is_address
from bappsmith.manifests.subset import Subset

from .decode import Pixels
from .pack import Reduction, cache_path, pack, pack_from_address
from .packed import PackedFile, read_packed


@dataclass(frozen=True)
class PackedSubset(PackedFile):
    """A subset, mapped into memory: its packed file, with the judgments of the labelling that was asked for.

    Attributes:
        root: folder of the subset.
        packed: the file that holds the pixels.
        cache: path for a packed copy. Files computed from the pixels are stored beside it, never inside the dataset.
        sealed: the same subset as part of a finished dataset, with its rows; None for plain folders.
        votes: number of votes per judgment, int32, shape (N,); 0 if a rule judged, or the number is not known.
        weights: how much each item counts in training, float32, shape (N,), at least 0; 0: not at all.
    """

    root: Path
    packed: Path
    cache: Path
    sealed: SealedSubset | None
    votes: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Return one item for torch.utils.data.DataLoader: folder → float 3×H×W in [-1, 1], and the label."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.root} has {len(self)} items, asked for item {index}")
        images = to_signed(self.pixels[index])
        return {
            **{f: images[k] for k, f in enumerate(self.folders)},
            LABEL_FOLDER[self.kind]: self.labels[index],
        }

    @cached_property
    def content(self) -> str:
        """sha256 of pixels and labels, hex."""
        return hashlib.sha256(bytes.fromhex(self.pixels_sha256) + self.labels.numpy().tobytes()).hexdigest()

    @cached_property
    def counting(self) -> str:
        """sha256 of votes and weights, hex."""
        return hashlib.sha256(self.votes.numpy().tobytes() + self.weights.numpy().tobytes()).hexdigest()

    @property
    def name(self) -> str:
        """The last three parts of its folder, such as 2afc/val/traditional."""
        return "/".join(self.root.resolve().parts[-3:])

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the images of an item: ref, p0, p1; JND: p0, p1."""
        return IMAGE_FOLDERS[self.kind]

    def image(self, folder: str, index: int) -> Pixels:
        """Return one image, uint8 H×W×3 RGB."""
        return np.array(self.pixels[index, self.folders.index(folder)].numpy())

    def judged(self, labelling: Labelling | ArrayLike) -> PackedSubset:
        """Return the same items with other judgments. No file is read.

        Args:
            labelling: judgments of all items: a `Labelling`, or one share of votes per item, in [0, 1].

        Raises:
            BappsmithError: the number of judgments, votes or weights differs from that of items, or a judgment is not
                in [0, 1].
        """
        judgments = own_labelling(labelling, len(self), str(self.root))
        labels, votes, weights = _tensors(judgments, self.root)
        whole = self.sealed is not None and len(self.sealed) == len(self)  # not a subset of `take`
        sealed = self.sealed.judged(judgments) if self.sealed is not None and whole else self.sealed
        return replace(self, sealed=sealed, labels=labels, votes=votes, weights=weights)

    def take(self, positions: NDArray[np.int64]) -> PackedSubset:
        """Return some items by their positions, in [0, length). Their pixels are copied into memory."""
        rows = torch.from_numpy(positions)
        pixels = self.pixels[rows]
        content = hashlib.sha256(pixels.numpy().data).hexdigest()
        return replace(
            self,
            cache=self.cache.with_name(f"{self.cache.stem}.{content[:12]}{self.cache.suffix}"),
            pixels_sha256=content,
            pixels=pixels,
            labels=self.labels[rows],
            stems=tuple(self.stems[position] for position in positions.tolist()),
            votes=self.votes[rows],
            weights=self.weights[rows],
        )

    def batches(self, size: int) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        """Yield batches in order: folder → float N×3×H×W in [-1, 1] (channels last in memory), and labels."""
        for start in range(0, len(self), size):
            images = self.signed(start, start + size)
            yield dict(zip(self.folders, images, strict=True)), self.labels[start : start + size]

    def signed(self, start: int, end: int) -> list[Tensor]:
        """Return items start to end - 1: one float N×3×H×W in [-1, 1] (channels last in memory) per folder."""
        return [to_signed(self.pixels[start:end, k]) for k in range(len(self.folders))]


def to_signed(pixels: Tensor) -> Tensor:
    """Convert uint8 …×H×W×3 in [0, 255] to float32 …×3×H×W in [-1, 1], channels last in memory."""
    return (pixels.float().div_(127.5).sub_(1.0)).movedim(-1, -3)


SubsetSource: TypeAlias = str | Path | Subset | PackedSubset
"""Folder or address of a subset, a subset of a `Dataset`, or a loaded subset."""


def load_subset(
    source: SubsetSource,
    *,
    cache: Path | str | None = None,
    reduction: Reduction = "exact",
    progress: Callable[[int, int], None] | None = None,
) -> PackedSubset:
    """Load a BAPPS subset, made by bappsmith or original, as a mapped file; see `pack.pack`.

    Args:
        source: folder or address of a subset, or a subset of a `Dataset` with its judgments. A loaded subset is
            returned unchanged.
        cache: see `pack.pack`.
        reduction: see `pack.pack`.
        progress: see `pack.pack`.

    Raises:
        BappsmithError: as `pack.pack`; or a packed file is damaged, or the dataset is not finished.
    """
    if isinstance(source, PackedSubset):
        return source
    subset = source if isinstance(source, Subset) else sealed_subset_at(source)
    sealed = subset if isinstance(subset, SealedSubset) else None
    root = cast("str | Path", source) if subset is None else subset.root
    if sealed is not None and is_address(root):
        path = pack_from_address(sealed, cache=cache, progress=progress)
    else:
        path = pack(root, cache=cache, reduction=reduction, judgments=subset is None, progress=progress)
    file = read_packed(path)
    count = len(file.labels)
    judgments, votes, weights = file.labels, torch.zeros(count, dtype=torch.int32), torch.ones(count)
    if subset is not None:
        judgments, votes, weights = _tensors(subset.labels(), root)
    if len(judgments) != count:
        raise BappsmithError(f"{path}: {count} items, {len(judgments)} judgments; make the packed file again")
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
        votes=votes,
        weights=weights,
    )


def _tensors(labelling: Labelling, root: str | Path) -> tuple[Tensor, Tensor, Tensor]:
    """Convert the judgments (float32), votes (int32) and weights (float32) of a labelling, shape (N,) each."""
    count = len(labelling)
    judgments = torch.from_numpy(labelling.shares.astype(np.float32))
    votes = torch.from_numpy(labelling.votes.astype(np.int32))
    weights = torch.from_numpy(labelling.weights)
    for what, values in (("numbers of votes", votes), ("weights", weights)):
        if len(values) != count:
            raise BappsmithError(f"{root}: the labelling has {len(values)} {what} for {count} items; give one per item")
    return judgments, votes, weights
