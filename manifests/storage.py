"""The three forms in which a dataset holds its items: BAPPS folders, tar shards, packed arrays.

======= ======================================= =======================================================
folders SUBSET/{ref,p0,p1,judge}/NNNNNN.{png,npy} a file each: BAPPS
tar     SUBSET/NNNNNN.tar                        a file per 512 items; members NNNNNN.ref.png, NNNNNN.p0.png,
                                                 NNNNNN.p1.png, NNNNNN.judge.npy, as WebDataset names them
packed  SUBSET/packed.safetensors                one file: pixels, judgments and names, mapped by training
======= ======================================= =======================================================

Folders and tar hold the same bytes; packed holds pixels and judgments alone.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from .bapps import IMAGE_FOLDERS, LABEL_FOLDER, PACKED, PACKED_FORMAT, SubsetPath, label_bytes
from .errors import BappsmithError
from .files import move, sha256_file
from .mapped import Layout
from .place import WORK, Folder, Place

Form = Literal["folders", "tar", "packed"]
FORMS: tuple[Form, ...] = get_args(Form)
SHARD = 512
"""Consecutive items that are made, stored and entered together: tasks of about a second, tar files of about 12 MB."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item on its way to or from a dataset.

    Attributes:
        index: position in its subset.
        files: folder → content of its file; the label alone where pixels are stored packed.
        pixels: folder → uint8 H×W×3 RGB; empty where files were read and not decoded.
    """

    index: int
    files: Mapping[str, bytes]
    pixels: Mapping[str, NDArray[np.uint8]]


class Storage(Protocol):
    """One subset in one form."""

    encoded: bool
    """Whether images are stored as PNG."""

    def begin(self) -> None:
        """Make ready for shards, which may then be written by several processes."""
        ...

    def write(self, shard: int, items: Sequence[Item]) -> dict[str, str]:
        """Store a shard; what was stored under its number is replaced.

        Returns:
            Name → sha256, hex, of files that hold several items and are whole now.
        """
        ...

    def read(self, indices: Sequence[int]) -> Iterator[Item]:
        """Some items, in the order asked for, quickest where it rises; a file that is not there is left out."""
        ...

    def finish(self) -> dict[str, str]:
        """Called when all shards are stored; returns what `write` does."""
        ...

    def owns(self, name: str) -> bool:
        """Whether a file of that name belongs to the subset."""
        ...

    def count_files(self) -> int:
        """Number of its files that hold one item each."""
        ...


def storage(form: str, place: Place, subset: SubsetPath, count: int, patch: int) -> Storage:
    """A subset of `count` items of `patch` px, stored in that form.

    Raises:
        BappsmithError: there is no such form, or an address is asked to hold packed arrays.
    """
    if form == "folders":
        return Folders(place, subset, count)
    if form == "tar":
        return Tars(place, subset, count)
    if form == "packed":
        if not isinstance(place, Folder):
            raise BappsmithError(
                f"form packed is written to a folder of this machine, and not to {place.root}; use form tar there"
            )
        return PackedArrays(place.folder, subset, count, patch)
    raise BappsmithError(f"form is {', '.join(FORMS)}; found '{form}'")


class Folders:
    """A file per image and judgment."""

    encoded = True

    def __init__(self, place: Place, subset: SubsetPath, count: int) -> None:
        self._place, self._subset, self._count = place, subset, count
        suffixes = {f: "npy" if f == LABEL_FOLDER[subset.kind] else "png" for f in subset.folders}
        self._name = re.compile(
            "|".join(rf"{re.escape(str(subset))}/{f}/(\d{{6}})\.{s}" for f, s in suffixes.items())
        )

    def begin(self) -> None:
        """Nothing to be done: shards make their folders."""

    def write(self, shard: int, items: Sequence[Item]) -> dict[str, str]:
        """Written aside first, and then moved: what stands under its name is whole."""
        root = self._place.folder
        if root is None:
            for item in items:
                for folder, name in self._subset.files(item.index).items():
                    self._place.write(name, item.files[folder])
            return {}
        for folder in self._subset.folders:
            (root / str(self._subset) / folder).mkdir(parents=True, exist_ok=True)
        scratch = root / WORK / f"tmp-{uuid.uuid4().hex}"
        scratch.mkdir(parents=True)
        aside, there = os.fspath(scratch), os.fspath(root)
        try:
            moves = []
            for item in items:
                for folder, name in self._subset.files(item.index).items():
                    partial = f"{aside}/{folder}-{item.index}"
                    _write_file(partial, item.files[folder])
                    moves.append((partial, f"{there}/{name}"))
            for partial, path in moves:
                move(partial, path)
        finally:
            Folder(scratch).remove("")
        return {}

    def read(self, indices: Sequence[int]) -> Iterator[Item]:
        """See `Storage`."""
        for index in indices:
            files = {}
            for folder, name in self._subset.files(index).items():
                try:
                    files[folder] = self._place.read(name)
                except FileNotFoundError:
                    continue
                except OSError:
                    files[folder] = b""  # there, but not readable: no hash will fit
            yield Item(index, files, {})

    def finish(self) -> dict[str, str]:
        """Nothing to be done."""
        return {}

    def owns(self, name: str) -> bool:
        """See `Storage`."""
        found = self._name.fullmatch(name)
        return found is not None and int(next(filter(None, found.groups()))) < self._count

    def count_files(self) -> int:
        """See `Storage`."""
        return self._count * len(self._subset.folders)


class Tars:
    """A tar file per shard, the same bytes for the same items."""

    encoded = True

    def __init__(self, place: Place, subset: SubsetPath, count: int) -> None:
        self._place, self._subset, self._count = place, subset, count

    def begin(self) -> None:
        """Nothing to be done."""

    def write(self, shard: int, items: Sequence[Item]) -> dict[str, str]:
        """See `Storage`."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for item in items:
                for folder in self._subset.folders:
                    info = tarfile.TarInfo(member_name(self._subset, item.index, folder))
                    info.size = len(item.files[folder])
                    archive.addfile(info, io.BytesIO(item.files[folder]))
        data = stream.getvalue()
        self._place.write(self._file(shard), data)
        return {self._file(shard): hashlib.sha256(data).hexdigest()}

    def read(self, indices: Sequence[int]) -> Iterator[Item]:
        """See `Storage`."""
        current, members = -1, dict[str, bytes]()
        for index in indices:
            if index // SHARD != current:
                current = index // SHARD
                members = self._members(current)
            names = {f: member_name(self._subset, index, f) for f in self._subset.folders}
            yield Item(index, {f: members[name] for f, name in names.items() if name in members}, {})

    def _members(self, shard: int) -> dict[str, bytes]:
        try:
            data = self._place.read(self._file(shard))
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                return {
                    member.name: data[member.offset_data : member.offset_data + member.size]
                    for member in archive
                    if member.isfile()
                }
        except (OSError, tarfile.TarError):
            return {}

    def finish(self) -> dict[str, str]:
        """Nothing to be done."""
        return {}

    def owns(self, name: str) -> bool:
        """See `Storage`."""
        found = re.fullmatch(rf"{re.escape(str(self._subset))}/(\d{{6}})\.tar", name)
        return found is not None and int(found[1]) * SHARD < self._count

    def count_files(self) -> int:
        """See `Storage`."""
        return 0

    def _file(self, shard: int) -> str:
        return f"{self._subset}/{shard:06d}.tar"


class PackedArrays:
    """One file of a local folder, in which every shard has its place from the beginning."""

    encoded = False

    def __init__(self, root: Path, subset: SubsetPath, count: int, patch: int) -> None:
        self._subset, self._count = subset, count
        self._path = root / str(subset) / PACKED
        self._folders = IMAGE_FOLDERS[subset.kind]
        self._label = LABEL_FOLDER[subset.kind]
        stems = 7 * count - 1
        self._layout = Layout(
            {
                "images": ("U8", (count, len(self._folders), patch, patch, 3)),
                "labels": ("F32", (count,)),
                "stems": ("U8", (stems,)),
            }
        )
        self._arrays: dict[str, NDArray[Any]] | None = None

    def begin(self) -> None:
        """Take the space of all shards."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._layout.allocate(self._path)

    def write(self, shard: int, items: Sequence[Item]) -> dict[str, str]:
        """See `Storage`."""
        arrays = self._mapped()
        for item in items:
            for k, folder in enumerate(self._folders):
                arrays["images"][item.index, k] = item.pixels[folder]
            arrays["labels"][item.index] = np.frombuffer(item.files[self._label][-4:], "<f4")[0]
        return {}

    def read(self, indices: Sequence[int]) -> Iterator[Item]:
        """See `Storage`."""
        if not self._path.is_file():
            yield from (Item(index, {}, {}) for index in indices)
            return
        arrays = self._mapped()
        for index in indices:
            pixels = {f: np.array(arrays["images"][index, k]) for k, f in enumerate(self._folders)}
            yield Item(index, {self._label: label_bytes(float(arrays["labels"][index]))}, pixels)

    def finish(self) -> dict[str, str]:
        """Write names and header, without which the file cannot be read."""
        arrays = self._mapped()
        content = hashlib.sha256(np.asarray(arrays["labels"]).tobytes())
        for start in range(0, self._count, SHARD):
            content.update(np.ascontiguousarray(arrays["images"][start : start + SHARD]).data)
        stems = "\n".join(f"{index:06d}" for index in range(self._count)).encode()
        arrays["stems"][:] = np.frombuffer(stems, np.uint8)
        facts = {"format": PACKED_FORMAT, "kind": self._subset.kind, "content": content.hexdigest()}
        self._layout.write_header(self._path, facts | {"enlarged": "false", "reduction": "exact"})
        self._arrays = None
        return {f"{self._subset}/{PACKED}": sha256_file(self._path)}

    def owns(self, name: str) -> bool:
        """See `Storage`."""
        return name == f"{self._subset}/{PACKED}"

    def count_files(self) -> int:
        """See `Storage`."""
        return 0

    def _mapped(self) -> dict[str, NDArray[Any]]:
        if self._arrays is None:
            self._arrays = self._layout.map(self._path)
        return self._arrays


def member_name(subset: SubsetPath, index: int, folder: str) -> str:
    """Name of a file in a tar shard: what stands before the first dot is the same for all files of an item."""
    return f"{index:06d}.{folder}.{'npy' if folder == LABEL_FOLDER[subset.kind] else 'png'}"


def digests(item: Item) -> dict[str, bytes]:
    """sha256 of all that is there of an item, under the manifest's column names."""
    files = {f"file_{folder}": data for folder, data in item.files.items()}
    pixels = {f"pixels_{folder}": image.tobytes() for folder, image in item.pixels.items()}
    return {name: hashlib.sha256(data).digest() for name, data in {**files, **pixels}.items()}


def _write_file(path: str, data: bytes) -> None:
    """Plain system calls: opening through `open` costs as much again as creating the file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])
    finally:
        os.close(descriptor)
