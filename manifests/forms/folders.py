"""Form folders, BAPPS: SUBSET/{ref,p0,p1,judge}/NNNNNN.{png,npy}, a file for each image and judgment."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence

from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, SubsetPath
from bappsmith.manifests.store.atomic import replace_file
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.store import WORK, Store

from .item import SHARD, StoredFile, StoredItem
from .labels import LABEL_BYTES, label_bytes
from .png import largest_png


class Folders:
    """One file per image and judgment; see `Storage`."""

    encoded = True

    def __init__(self, store: Store, subset: SubsetPath, count: int, patch: int) -> None:
        self._store, self._subset, self._count = store, subset, count
        self._label = LABEL_FOLDER[subset.kind]
        self._largest = {folder: largest_png(patch) for folder in IMAGE_FOLDERS[subset.kind]} | {
            self._label: LABEL_BYTES
        }
        suffixes = {f: "npy" if f == self._label else "png" for f in subset.folders}
        self._name = re.compile("|".join(rf"{re.escape(str(subset))}/{f}/(\d{{6}})\.{s}" for f, s in suffixes.items()))

    def begin(self) -> None:
        """Do nothing: `write` makes the folders."""

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, StoredFile]:
        """See `Storage`. Files are written to a temporary folder, then renamed: each is complete or absent."""
        self._write({item.index: {**item.images, self._label: item.label or b""} for item in items})
        return {}

    def relabel(self, shard: int, labels: Sequence[float]) -> dict[str, StoredFile]:
        """See `Storage`."""
        self._write({shard * SHARD + k: {self._label: label_bytes(label)} for k, label in enumerate(labels)})
        return {}

    def _write(self, contents: Mapping[int, Mapping[str, bytes]]) -> None:
        names = {index: self._subset.files(index) for index in contents}
        root = self._store.folder
        if root is None:
            for index, files in contents.items():
                for folder, data in files.items():
                    self._store.write(names[index][folder], data)
            return
        for folder in self._subset.folders:
            (root / str(self._subset) / folder).mkdir(parents=True, exist_ok=True)
        scratch = root / WORK / f"tmp-{uuid.uuid4().hex}"
        scratch.mkdir(parents=True)
        aside, below = os.fspath(scratch), os.fspath(root)
        try:
            renames: list[tuple[str, str]] = []
            for index, files in contents.items():
                for folder, data in files.items():
                    partial = f"{aside}/{folder}-{index}"
                    _write_file(partial, data)
                    renames.append((partial, f"{below}/{names[index][folder]}"))
            for partial, path in renames:
                replace_file(partial, path)
        finally:
            LocalStore(scratch).remove("")

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """See `Storage`."""
        for index in indices:
            contents = {folder: self._content(folder, name) for folder, name in self._subset.files(index).items()}
            label = contents.pop(self._label)
            yield StoredItem(index, {f: data for f, data in contents.items() if data is not None}, label, {})

    def _content(self, folder: str, name: str) -> bytes | None:
        """Read a file; return None if it is missing, and empty content if it is too large or not a regular file."""
        try:
            if self._store.folder is not None:
                # At an address, a bounded read would cost a second request per file.
                with self._store.open(name) as stream:
                    data = stream.read(self._largest[folder] + 1)
            else:
                data = self._store.read(name)
        except FileNotFoundError:
            return None
        except OSError:
            return b""
        return data if len(data) <= self._largest[folder] else b""

    def shard_files(self, shard: int) -> dict[str, StoredFile]:
        """Return nothing: every file holds one item."""
        return {}

    def finish(self) -> dict[str, StoredFile]:
        """Do nothing: every file is complete."""
        return {}

    def owns(self, name: str) -> bool:
        """See `Storage`."""
        match = self._name.fullmatch(name)
        return match is not None and int(next(filter(None, match.groups()))) < self._count

    def count_files(self) -> int:
        """See `Storage`."""
        return self._count * len(self._subset.folders)


def _write_file(path: str, data: bytes) -> None:
    """Write a new file with plain system calls. The built-in `open` would double the time."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])
    finally:
        os.close(descriptor)
