"""A BAPPS subset packed into one file, which later readings map into memory instead of decoding images."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import ItemFiles, SubsetFolder, read_subset
from bappsmith.manifests.forms.file import File
from bappsmith.manifests.forms.packed import PACKED, PACKED_FORMAT
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER

from .mapped import read_facts_of, write_mapped

Reduction = Literal["exact", "reference"]
"""What becomes of the enlarged files of the distributed BAPPS: "exact" takes every fourth pixel, the true patch;
"reference" does as the reference code, an antialiased bilinear resize, which blurs by [1/8, 3/4, 1/8] each way."""
Pixels: TypeAlias = NDArray[np.uint8]

ENLARGED = 4
"""The distributed BAPPS holds its 64×64 patches enlarged so many times by nearest neighbour."""
_CHUNK = 16
"""Items that a thread decodes at a time."""
_GUESS = 32
"""So many items are looked at before packing, to learn the size and whether files are enlarged."""


def pack(
    root: Path | str,
    *,
    cache: Path | str | None = None,
    reduction: Reduction = "exact",
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Pack a subset, unless that was done and no file was changed, added or removed since.

    Files are paired by stem. A change is seen by names, sizes and times of modification. Subsets whose files are
    all enlarged four times are recognised and reduced; of these the few that lack a row or a column (252×252 among
    256×256 in the distributed BAPPS) get their last one twice.

    Args:
        root: a folder with ref, p0, p1 and judge, or with p0, p1 and same; or one of tar or Parquet shards; of a subset that was
            made packed, its file is taken as it is.
        cache: folder for the packed file; default: DATASET-packed beside the dataset.
        reduction: of enlarged files; of no effect on others.
        progress: called with (items done, items in all).

    Returns:
        The packed file.

    Raises:
        BappsmithError: a folder or partner is missing, a judgment is no share of votes, an image cannot be read,
            images differ in size, or the packed file cannot be written.
    """
    root = Path(root)
    if read_facts_of(root / PACKED).get("format") == PACKED_FORMAT:
        return root / PACKED
    path = packed_path(root, cache, reduction)
    signature = _signature(root)
    facts = read_facts_of(path)
    if (facts.get("format"), facts.get("signature")) == (PACKED_FORMAT, signature):
        return path
    folder = read_subset(root)
    labels = folder.labels()
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # OpenCV decodes without the GIL
        first = list(pool.map(lambda item: _read_item(item, folder), folder.items[:_GUESS]))
        guess = all(_is_enlarged(image) for images in first for image in images)
        for enlarged in (True, False) if guess else (False,):
            found = _Packer(folder, enlarged, reduction, first, pool)
            try:
                _write(path, found, labels, {"signature": signature, "kind": folder.kind}, progress)
            except _NotEnlargedError:
                continue  # a later image says that these are no enlarged patches after all
            except OSError as error:
                raise BappsmithError(
                    f"the packed copy of {root} cannot be written to {path.parent} ({error.strerror or error}); name "
                    "another folder for it with --cache"
                ) from error
            break
    return path


def packed_path(root: Path | str, cache: Path | str | None, reduction: Reduction) -> Path:
    """Where the packed file of a subset stands."""
    root = Path(root).resolve()
    in_dataset = len(root.parts) > 3 and root.parts[-3] in IMAGE_FOLDERS
    dataset, name = (root.parents[2], "-".join(root.parts[-3:])) if in_dataset else (root, root.name)
    place = dataset.with_name(f"{dataset.name}-packed")
    if cache is not None:
        place = Path(cache)
        name = f"{dataset.name}-{name}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:8]}"
    return place / f"{name}{'.reference' if reduction == 'reference' else ''}.safetensors"


class _NotEnlargedError(Exception):
    """An image of a subset that was taken for an enlarged one is not."""


class _Packer:
    """Items of a subset in their packed form."""

    def __init__(
        self,
        folder: SubsetFolder,
        enlarged: bool,
        reduction: Reduction,
        first: Sequence[Sequence[Pixels]],
        pool: ThreadPoolExecutor,
    ) -> None:
        self.folder, self.enlarged, self.reduction, self._pool = folder, enlarged, reduction, pool
        step = ENLARGED if enlarged else 1
        # The largest, because the odd ones among enlarged files are smaller.
        height, width = max(image.shape[:2] for images in first for image in images)
        self.height, self.width = height // step, width // step

    def __iter__(self) -> Iterator[Pixels]:
        """n×K×H×W×3 of every n items, in order."""
        chunks = [self.folder.items[k : k + _CHUNK] for k in range(0, len(self.folder), _CHUNK)]
        for start in range(0, len(chunks), 64):  # not all at once: what is decoded waits in memory
            yield from self._pool.map(self._chunk, chunks[start : start + 64])

    def _chunk(self, items: Sequence[ItemFiles]) -> Pixels:
        return np.stack([self._item(item) for item in items])

    def _item(self, item: ItemFiles) -> Pixels:
        names = IMAGE_FOLDERS[self.folder.kind]
        images = zip(names, _read_item(item, self.folder), strict=True)
        return np.stack([self._fit(image, item.images[name]) for name, image in images])

    def _fit(self, image: Pixels, path: File) -> Pixels:
        if self.enlarged:
            if not _is_enlarged(image):
                raise _NotEnlargedError
            if self.reduction == "reference":
                resized = PIL.fromarray(image).resize((self.width, self.height), PIL.Resampling.BILINEAR)
                return np.asarray(resized)
            image = image[::ENLARGED, ::ENLARGED]
            lacking = (self.height - image.shape[0], self.width - image.shape[1])
            if lacking != (0, 0) and min(lacking) >= 0 and max(lacking) <= 1:
                image = np.pad(image, ((0, lacking[0]), (0, lacking[1]), (0, 0)), mode="edge")
        if image.shape[:2] != (self.height, self.width):
            sizes = f"{image.shape[1]}×{image.shape[0]}, others {self.width}×{self.height}"
            raise BappsmithError(f"{path}: images of a subset have one size; found {sizes}")
        return image


def _write(
    path: Path,
    packer: _Packer,
    labels: NDArray[np.float32],
    facts: dict[str, str],
    progress: Callable[[int, int], None] | None,
) -> None:
    count, stems = len(labels), "\n".join(item.stem for item in packer.folder).encode()
    shape = (count, len(IMAGE_FOLDERS[packer.folder.kind]), packer.height, packer.width, 3)
    tensors = {"images": ("U8", shape), "labels": ("F32", (count,)), "stems": ("U8", (len(stems),))}
    content = hashlib.sha256(labels.tobytes())
    with write_mapped(path, tensors) as (arrays, header):
        done = 0
        for images in packer:
            arrays["images"][done : done + len(images)] = images
            content.update(images.data)
            done += len(images)
            if progress:
                progress(done, count)
        arrays["labels"][:] = labels
        arrays["stems"][:] = np.frombuffer(stems, np.uint8)
        header |= {**facts, "format": PACKED_FORMAT, "enlarged": str(packer.enlarged).lower()}
        header |= {"reduction": packer.reduction, "content": content.hexdigest()}


def _signature(root: Path) -> str:
    """Over names, sizes and times of all files of a subset."""
    folders = {*(name for names in IMAGE_FOLDERS.values() for name in names), *LABEL_FOLDER.values()}
    digest = hashlib.sha256()
    for folder in sorted(folders):
        for entry in sorted(_files(root / folder)):
            digest.update(entry.encode(errors="surrogateescape"))
    for shard in sorted([*root.glob("*.tar"), *root.glob("*.parquet")]):
        found = shard.stat()
        digest.update(f"{shard.name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    waiting = [os.fspath(folder)] if folder.is_dir() else []
    start = len(os.fspath(folder.parent)) + 1
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    found = entry.stat()
                    yield f"{entry.path[start:]} {found.st_size} {found.st_mtime_ns}\n"


def _read_item(item: ItemFiles, folder: SubsetFolder) -> list[Pixels]:
    return [_decode(item.images[name]) for name in IMAGE_FOLDERS[folder.kind]]


def _decode(path: File) -> Pixels:
    try:
        data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error) as error:
        raise BappsmithError(f"{path}: not a readable image ({' '.join(str(error).split())})") from error
    if image is None:
        raise BappsmithError(f"{path}: not a readable image")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _is_enlarged(image: Pixels) -> bool:
    """Whether every 4×4 block of H×W×3 is of one colour."""
    height, width = image.shape[:2]
    if height % ENLARGED or width % ENLARGED or min(height, width) < 8 * ENLARGED:
        return False
    blocks = image.reshape(height // ENLARGED, ENLARGED, width // ENLARGED, ENLARGED, 3)
    return bool((blocks == blocks[:, :1, :, :1]).all())
