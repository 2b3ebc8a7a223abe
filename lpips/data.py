"""BAPPS subsets as tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..manifests.bapps import IMAGE_FOLDERS, LABEL_FOLDER, Kind
from ..manifests.errors import BappsmithError
from .mapped import load_mapped
from .pack import Pixels, Reduction, pack


@dataclass(frozen=True)
class Subset:
    """A subset, mapped into memory: what is not used takes none.

    Attributes:
        root: its folder.
        kind: "2afc" or "jnd".
        packed: the file that holds its pixels.
        pixels: uint8 N×K×H×W×3, RGB; K counts `folders`.
        labels: judge or same, float32, shape (N,), in [0, 1].
        stems: file names without suffix, shape (N,).
        enlarged: whether the files were enlarged patches, and were reduced.
        reduction: how.
        content: sha256 of pixels and labels, hex.
    """

    root: Path
    kind: Kind
    packed: Path
    pixels: Tensor
    labels: Tensor
    stems: tuple[str, ...]
    enlarged: bool
    reduction: Reduction
    content: str

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


@dataclass(frozen=True)
class Mixture:
    """Several 2AFC subsets to train on.

    Attributes:
        subsets: of one size of images.
        weights: how often an epoch sees each subset: 1 every triplet once, 0.5 half of them, 2 all twice.
    """

    subsets: tuple[Subset, ...]
    weights: tuple[float, ...]

    def __len__(self) -> int:
        return sum(map(len, self.subsets))

    def epoch_length(self) -> int:
        """Number of triplets in an epoch."""
        return sum(self._drawn(k) for k in range(len(self.subsets)))

    def order(self, generator: torch.Generator) -> Tensor:
        """The triplets of an epoch, shuffled: positions in the subsets laid end to end, int64."""
        chosen, start = [], 0
        for k, subset in enumerate(self.subsets):
            left = self._drawn(k)
            while left > 0:
                part = torch.randperm(len(subset), generator=generator)[:left]
                chosen.append(part + start)
                left -= len(part)
            start += len(subset)
        together = torch.cat(chosen)
        if len(chosen) == 1:
            return together  # it is shuffled already
        return together[torch.randperm(len(together), generator=generator)]

    def take(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Some triplets: float (3·N)×3×H×W in [-1, 1], all ref, then all p0, then all p1; and judgments (N,)."""
        if len(self.subsets) == 1:
            pixels, judge = self.subsets[0].pixels[positions], self.subsets[0].labels[positions]
        else:
            pixels = self.subsets[0].pixels.new_empty((len(positions), *self.subsets[0].pixels.shape[1:]))
            judge = torch.empty(len(positions))
            for k, mine, here in by_part(positions, [len(subset) for subset in self.subsets]):
                pixels[mine], judge[mine] = self.subsets[k].pixels[here], self.subsets[k].labels[here]
        # Put in order while they are bytes: as floats they are four times as large.
        return to_signed(pixels.transpose(0, 1).flatten(0, 1)), judge

    def _drawn(self, k: int) -> int:
        return max(1, round(self.weights[k] * len(self.subsets[k])))


def by_part(positions: Tensor, lengths: Sequence[int]) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Divide positions in parts laid end to end.

    Args:
        positions: int64, shape (N,).
        lengths: of the parts.

    Yields:
        Number of a part, which of the positions are in it, and where in the part.
    """
    start = 0
    for k, length in enumerate(lengths):
        mine = ((positions >= start) & (positions < start + length)).nonzero()[:, 0]
        yield k, mine, positions[mine] - start
        start += length


def to_signed(pixels: Tensor) -> Tensor:
    """uint8 …×H×W×3 in [0, 255] → float32 …×3×H×W in [-1, 1], channels last in memory."""
    return (pixels.float().div_(127.5).sub_(1.0)).movedim(-1, -3)


def load_subset(
    root: Path | str,
    *,
    cache: Path | str | None = None,
    reduction: Reduction = "exact",
    progress: Callable[[int, int], None] | None = None,
) -> Subset:
    """Read a BAPPS subset, ours or the original, into a mapped file; see `pack.pack`, whose arguments these are.

    Raises:
        BappsmithError: see `pack.pack`.
    """
    path = pack(root, cache=cache, reduction=reduction, progress=progress)
    arrays, header = load_mapped(path)
    pixels, labels = arrays["images"], arrays["labels"].clone()
    names = tuple(arrays["stems"].numpy().tobytes().decode().split("\n"))
    kind: Kind = "jnd" if header["kind"] == "jnd" else "2afc"
    enlarged = header["enlarged"] == "true"
    return Subset(Path(root), kind, path, pixels, labels, names, enlarged, reduction, header["content"])


def mix(subsets: Sequence[Subset], weights: Sequence[float] = ()) -> Mixture:
    """Several subsets to train on together.

    Args:
        subsets: 2AFC subsets.
        weights: see `Mixture`; none: 1 each.

    Raises:
        BappsmithError: there is none, one is no 2AFC subset, they differ in size, or weights do not fit.
    """
    if not subsets:
        raise BappsmithError("training needs at least one 2afc/train subset")
    weights = tuple(weights) or (1.0,) * len(subsets)
    if len(weights) != len(subsets) or not all(0 < weight <= 1000 for weight in weights):
        raise BappsmithError(
            f"weights are one number above 0 (and at most 1000) for each of {len(subsets)} subsets, found {weights}"
        )
    first = subsets[0]
    for subset in subsets:
        if subset.kind != "2afc":
            raise BappsmithError(
                f"{subset.root}: training takes 2AFC subsets (ref, p0, p1, judge), found a JND one"
            )
        if subset.pixels.shape[1:] != first.pixels.shape[1:]:
            sizes = [f"{s.pixels.shape[3]}×{s.pixels.shape[2]}" for s in (first, subset)]
            raise BappsmithError(
                f"{first.root} and {subset.root} differ in the size of images: {' and '.join(sizes)} px"
            )
    return Mixture(tuple(subsets), weights)
