"""Pack a BAPPS subset into one file. Later runs map it into memory instead of decoding images."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import SubsetFolder, read_subset
from bappsmith.manifests.forms.packed import PACKED, PACKED_FORMAT
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, Kind
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.open import is_address

from .decode import Pixels, decode_image
from .mapped import read_facts_of, sole_writer, write_mapped
from .signature import files_signature

Reduction = Literal["exact", "reference"]
"""How to reduce the enlarged files of the distributed BAPPS. "exact" takes every fourth pixel: the true patch.
"reference" does an antialiased bilinear resize, as the reference code does; it blurs by [1/8, 3/4, 1/8] each way."""

ENLARGED = 4
"""Factor by which the distributed BAPPS enlarges its 64×64 patches (nearest neighbour)."""
_CHUNK = 16
"""Number of items that a thread decodes at a time."""
_SAMPLED = 32
"""Number of items that are decoded before packing, to learn the size and whether files are enlarged."""
_MEMORY = 2**28
"""Bytes that all threads together may use to decode images."""


def pack(
    root: Path | str,
    *,
    cache: Path | str | None = None,
    reduction: Reduction = "exact",
    judgments: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Pack a subset, unless it was packed before and no file was changed, added or removed since.

    Files are paired by stem. Changes are noticed by names, sizes and modification times. A subset whose files are all
    enlarged four times is detected and reduced. In the distributed BAPPS, a few of these files lack a row or a column
    (252×252 instead of 256×256); their last row or column is repeated.

    Args:
        root: a folder with ref, p0, p1 and judge, or with p0, p1 and same; or a folder with tar or Parquet shards. A
            subset in form packed is used as it is.
        cache: folder for the packed file; default: DATASET-packed beside the dataset.
        reduction: how to reduce enlarged files. Other files are never reduced.
        judgments: whether the packed file must hold the judgments as they are now. False if only its images are read:
            a change of judgment files then packs nothing again.
        progress: called with (items done, all items).

    Returns:
        Path of the packed file.

    Raises:
        BappsmithError: a folder or file is missing, a judgment is not in [0, 1], an image cannot be read, images differ
            in size, or the packed file cannot be written.
    """
    root = Path(root)
    if (root / PACKED).is_file():
        return root / PACKED
    path = cache_path(root, cache, reduction)
    key = "signature" if judgments else "images_signature"
    wanted = {"format": PACKED_FORMAT, key: files_signature(root, judgments=judgments)}
    if wanted.items() <= read_facts_of(path).items():
        return path
    folder = read_subset(root)
    signatures = {
        "signature": files_signature(root),
        "images_signature": files_signature(root, judgments=False),
    }
    try:
        with sole_writer(path):
            if not wanted.items() <= read_facts_of(path).items():  # another process may have written it meanwhile
                _pack(folder, path, wanted | signatures, reduction, progress)
    except OSError as error:
        raise BappsmithError(
            f"the packed copy of {root} cannot be written to {path.parent} ({error.strerror or error}); "
            "choose another folder with --cache"
        ) from error
    return path


def pack_from_address(
    subset: SealedSubset,
    *,
    cache: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Pack a subset of a finished dataset at an address, unless it was packed before.

    Args:
        subset: the subset.
        cache: folder for the packed file; default: DATASET-packed in the working directory.
        progress: called with (items done, all items).

    Returns:
        Path of the packed file.

    Raises:
        BappsmithError: an item is missing or damaged, or the packed file cannot be written.
    """
    path = cache_path(subset.root, cache, "exact")
    wanted = {"format": PACKED_FORMAT, "signature": f"{subset.fingerprint} {subset.path}"}
    try:
        with sole_writer(path):
            if not wanted.items() <= read_facts_of(path).items():
                packer = _AddressPacker(subset)
                _write(path, packer, subset.labels().shares.astype(np.float32), wanted, progress)
    except OSError as error:
        raise BappsmithError(
            f"the packed copy of {subset.root} cannot be written to {path.parent} ({error.strerror or error}); "
            "choose another folder with --cache"
        ) from error
    return path


def cache_path(root: Path | str, cache: Path | str | None, reduction: Reduction) -> Path:
    """Return the path of the packed copy of a subset. Other files computed from the subset are stored beside it."""
    # For an address, the copy is in the working directory.
    given = root
    root = Path(str(root).partition("://")[2]).absolute() if is_address(root) else Path(root).resolve()
    in_dataset = len(root.parts) > 3 and root.parts[-3] in IMAGE_FOLDERS
    dataset, name = (root.parents[2], "-".join(root.parts[-3:])) if in_dataset else (root, root.name)
    folder = (Path.cwd() if is_address(given) else dataset.parent) / f"{dataset.name}-packed"
    if cache is not None:
        folder = Path(cache)
        name = f"{dataset.name}-{name}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:8]}"
    return folder / f"{name}{'.reference' if reduction == 'reference' else ''}.safetensors"


class _NotEnlargedError(Exception):
    """An image is not enlarged, although the first images of its subset are."""


def _pack(
    folder: SubsetFolder,
    path: Path,
    facts: dict[str, str],
    reduction: Reduction,
    progress: Callable[[int, int], None] | None,
) -> None:
    broken = next((item.stem for item in folder if "\n" in item.stem), None)
    if broken is not None:
        raise BappsmithError(f"{folder.root}: the file name {broken!r} has a line break; rename its files")
    labels = folder.labels()
    shapes: Counter[tuple[int, ...]] = Counter()
    enlarged = True
    for item in folder.items[:_SAMPLED]:
        for name in IMAGE_FOLDERS[folder.kind]:
            image = decode_image(item.images[name])
            shapes[image.shape[:2]] += 1
            enlarged = enlarged and _is_enlarged(image)
    (height, width), _ = shapes.most_common(1)[0]
    if enlarged:
        try:
            return _write(path, _Packer(folder, (height, width), reduction), labels, facts, progress)
        except _NotEnlargedError:
            pass  # a later image shows that the files are not enlarged
    return _write(path, _Packer(folder, (height, width), None), labels, facts, progress)


class _Packer:
    """Decode the items of a subset into packed arrays.

    Args:
        folder: the files of the subset.
        size: height and width of most files, px.
        reduction: how to reduce enlarged files; None: the files are not enlarged.
    """

    def __init__(self, folder: SubsetFolder, size: tuple[int, int], reduction: Reduction | None) -> None:
        self.folder, self.reduction = folder, reduction
        self.kind: Kind = folder.kind
        self.stems = [item.stem for item in folder]
        self.file_pixels = size[0] * size[1]
        self.height, self.width = size if reduction is None else (size[0] // ENLARGED, size[1] // ENLARGED)

    def put(self, start: int, end: int, images: NDArray[Any]) -> int:
        """Decode items start to end - 1 into `images`, uint8 N×K×H×W×3. Returns `end`."""
        for index in range(start, end):
            item = self.folder.items[index]
            for k, name in enumerate(IMAGE_FOLDERS[self.folder.kind]):
                file = item.images[name]
                image = self._reduce(decode_image(file, max_pixels=self.file_pixels))
                if image.shape[:2] != (self.height, self.width):
                    folders = ", ".join((*IMAGE_FOLDERS[self.folder.kind], LABEL_FOLDER[self.folder.kind]))
                    raise BappsmithError(
                        f"{file}: images of a subset have one size; found {image.shape[1]}×{image.shape[0]}, others "
                        f"{self.width}×{self.height}; to leave the item out, move all files named {item.stem} out of "
                        f"{folders}"
                    )
                images[index, k] = image
        return end

    def _reduce(self, image: Pixels) -> Pixels:
        if self.reduction is None:
            return image
        if not _is_enlarged(image):
            raise _NotEnlargedError
        if self.reduction == "reference":
            return np.asarray(PIL.fromarray(image).resize((self.width, self.height), PIL.Resampling.BILINEAR))
        image = image[::ENLARGED, ::ENLARGED]
        missing = (self.height - image.shape[0], self.width - image.shape[1])
        if missing != (0, 0) and min(missing) >= 0 and max(missing) <= 1:
            return np.pad(image, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        return image


class _AddressPacker:
    """Decode the items of a finished dataset at an address into packed arrays.

    Args:
        subset: the subset.
    """

    reduction = None

    def __init__(self, subset: SealedSubset) -> None:
        self._subset = subset
        self.kind: Kind = subset.kind
        self.stems = [subset.stem(index) for index in range(len(subset))]
        self.height = self.width = subset.row(0).plan.patch
        self.file_pixels = self.height * self.width

    def put(self, start: int, end: int, images: NDArray[Any]) -> int:
        """Decode items start to end - 1 into `images`, uint8 N×K×H×W×3. Returns `end`."""
        for item in self._subset.storage.read(range(start, end)):
            for k, image in enumerate(self._subset.decode(item).values()):
                images[item.index, k] = image
        return end


def _write(
    path: Path,
    packer: _Packer | _AddressPacker,
    labels: NDArray[np.float32],
    facts: dict[str, str],
    progress: Callable[[int, int], None] | None,
) -> None:
    kind, count = packer.kind, len(labels)
    stems = "\n".join(packer.stems).encode(errors="surrogateescape")
    shape = (count, len(IMAGE_FOLDERS[kind]), packer.height, packer.width, 3)
    tensors = {"images": ("U8", shape), "labels": ("F32", (count,)), "stems": ("U8", (len(stems),))}
    # OpenCV decodes without the GIL. While it is decoded, an image takes its file and two copies: 14 bytes per pixel.
    threads = min(os.cpu_count() or 1, max(1, _MEMORY // (14 * packer.file_pixels)))
    content = hashlib.sha256()
    with write_mapped(path, tensors) as (arrays, header), ThreadPoolExecutor(threads) as pool:
        images = arrays["images"]
        starts = range(0, count, _CHUNK)
        ends = [min(start + _CHUNK, count) for start in starts]
        for start, end in zip(starts, pool.map(packer.put, starts, ends, [images] * len(ends)), strict=True):
            content.update(np.ascontiguousarray(images[start:end]).data)
            if progress:
                progress(end, count)
        arrays["labels"][:] = labels
        arrays["stems"][:] = np.frombuffer(stems, np.uint8)
        header |= {**facts, "kind": kind, "enlarged": str(packer.reduction is not None).lower()}
        header |= {"reduction": packer.reduction or "exact", "pixels_sha256": content.hexdigest()}
        header |= {"labels_sha256": hashlib.sha256(labels.tobytes()).hexdigest()}


def _is_enlarged(image: Pixels) -> bool:
    """Whether every 4×4 block of an H×W×3 image has one colour."""
    height, width = image.shape[:2]
    if height % ENLARGED or width % ENLARGED or min(height, width) < 8 * ENLARGED:
        return False
    blocks = image.reshape(height // ENLARGED, ENLARGED, width // ENLARGED, ENLARGED, 3)
    return bool((blocks == blocks[:, :1, :, :1]).all())
