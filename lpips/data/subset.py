"""A BAPPS subset as tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, Kind

from .mapped import load_mapped
from .pack import Pixels, Reduction, pack


@dataclass(frozen=True)
class PackedSubset:
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


def to_signed(pixels: Tensor) -> Tensor:
    """uint8 …×H×W×3 in [0, 255] → float32 …×3×H×W in [-1, 1], channels last in memory."""
    return (pixels.float().div_(127.5).sub_(1.0)).movedim(-1, -3)


def load_subset(
    root: Path | str,
    *,
    cache: Path | str | None = None,
    reduction: Reduction = "exact",
    progress: Callable[[int, int], None] | None = None,
) -> PackedSubset:
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
    return PackedSubset(Path(root), kind, path, pixels, labels, names, enlarged, reduction, header["content"])
