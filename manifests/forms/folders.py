"""Form folders, BAPPS: SUBSET/{ref,p0,p1,judge}/NNNNNN.{png,npy}, a file for each image and judgment."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator, Sequence

from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath
from bappsmith.manifests.store.atomic import replace_file
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.store import WORK, Store

from .item import StoredItem


class Folders:
    """A file per image and judgment."""

    encoded = True

    def __init__(self, store: Store, subset: SubsetPath, count: int) -> None:
        self._store, self._subset, self._count = store, subset, count
        suffixes = {f: "npy" if f == LABEL_FOLDER[subset.kind] else "png" for f in subset.folders}
        self._name = re.compile("|".join(rf"{re.escape(str(subset))}/{f}/(\d{{6}})\.{s}" for f, s in suffixes.items()))

    def begin(self) -> None:
        """Nothing to be done: shards make their folders."""

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, str]:
        """Written aside first, and then moved: what stands under its name is whole."""
        root = self._store.folder
        if root is None:
            for item in items:
                for folder, name in self._subset.files(item.index).items():
                    self._store.write(name, item.files[folder])
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
                replace_file(partial, path)
        finally:
            LocalStore(scratch).remove("")
        return {}

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """See `Storage`."""
        for index in indices:
            files = {}
            for folder, name in self._subset.files(index).items():
                try:
                    files[folder] = self._store.read(name)
                except FileNotFoundError:
                    continue
                except OSError:
                    files[folder] = b""  # there, but not readable: no hash will fit
            yield StoredItem(index, files, {})

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


def _write_file(path: str, data: bytes) -> None:
    """Plain system calls: opening through `open` costs as much again as creating the file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])
    finally:
        os.close(descriptor)
