"""Read an untrusted packed file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.packed import PACKED_FORMAT
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, Kind

from .decode import MAX_SIDE
from .mapped import load_mapped
from .pack import Reduction


@dataclass(frozen=True)
class PackedFile:
    """The content of a packed file. Parts of `pixels` that are not used take no memory.

    Attributes:
        kind: "2afc" or "jnd".
        pixels: uint8 N×K×H×W×3, RGB; K is the number of image folders of the kind: ref, p0, p1, or p0, p1.
        labels: judge or same, float32, shape (N,), in [0, 1].
        stems: file names without suffix, N of them.
        enlarged: whether the files were enlarged patches, and were reduced.
        reduction: how enlarged files were reduced.
        pixels_sha256: sha256 of the bytes of `pixels`, hex.
    """

    kind: Kind
    pixels: Tensor
    labels: Tensor
    stems: tuple[str, ...]
    enlarged: bool
    reduction: Reduction
    pixels_sha256: str


def read_packed(path: Path) -> PackedFile:
    """Map a packed file. Everything but the pixels is checked.

    Raises:
        BappsmithError: the file is not a complete packed file, or a judgment is not in [0, 1].
    """

    def refuse(what: str) -> BappsmithError:
        return BappsmithError(f"{path}: {what}; make the packed file again, or restore it from a copy")

    arrays, header = load_mapped(path)
    if header.get("format") != PACKED_FORMAT:
        raise refuse(f"its format is {header.get('format', 'not named')[:40]}, expected {PACKED_FORMAT}")
    allowed = {
        "kind": "2afc|jnd",
        "enlarged": "true|false",
        "reduction": "exact|reference",
        "pixels_sha256": "[0-9a-f]{64}",
        "labels_sha256": "[0-9a-f]{64}",
    }
    for key, pattern in allowed.items():
        if not re.fullmatch(pattern, header.get(key, "")):
            raise refuse(f"its header's {key} is {header.get(key, 'missing')[:80]}, allowed: {pattern}")
    kind = cast(Kind, header["kind"])
    dtypes = {"images": torch.uint8, "labels": torch.float32, "stems": torch.uint8}
    if {name: array.dtype for name, array in arrays.items()} != dtypes:
        raise refuse("it does not hold images and stems of uint8 and labels of float32")
    pixels, labels = arrays["images"], arrays["labels"].clone()
    count, sides = labels.numel(), pixels.shape[2:4]
    if tuple(pixels.shape) != (count, len(IMAGE_FOLDERS[kind]), *sides, 3) or labels.ndim != 1 or count == 0:
        raise refuse(f"images {tuple(pixels.shape)} and labels {tuple(labels.shape)} are not those of a {kind} subset")
    if not all(1 <= side <= MAX_SIDE for side in sides):
        raise refuse(f"images of {sides[1]}×{sides[0]} px, at most {MAX_SIDE}×{MAX_SIDE} are allowed")
    # File names need not be valid UTF-8.
    stems = tuple(arrays["stems"].numpy().tobytes().decode(errors="surrogateescape").split("\n"))
    if len(stems) != count or len(set(stems)) != count:
        raise refuse(f"{len(set(stems)):,} different file names for {count:,} items")
    wrong = ~((labels >= 0) & (labels <= 1))  # NaN included
    if wrong.any():
        index = int(wrong.nonzero()[0])
        raise refuse(f"the judgment of {stems[index]} must be in [0, 1], found {labels[index].item():g}")
    if hashlib.sha256(labels.numpy().tobytes()).hexdigest() != header["labels_sha256"]:
        raise refuse("its judgments do not match their hash in the header")
    enlarged, reduction = header["enlarged"] == "true", cast(Reduction, header["reduction"])
    return PackedFile(kind, pixels, labels, stems, enlarged, reduction, header["pixels_sha256"])
