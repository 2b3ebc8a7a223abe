"""Form tar: SUBSET/NNNNNN.tar, one file for each shard; members NNNNNN.ref.png, NNNNNN.p0.png, NNNNNN.p1.png and
NNNNNN.judge.npy, as WebDataset names them. They hold the same bytes as form folders.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Sequence

from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath
from bappsmith.manifests.store.store import Store

from .item import SHARD, StoredItem


class Tars:
    """A tar file per shard, the same bytes for the same items."""

    encoded = True

    def __init__(self, store: Store, subset: SubsetPath, count: int) -> None:
        self._store, self._subset, self._count = store, subset, count

    def begin(self) -> None:
        """Nothing to be done."""

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, str]:
        """See `Storage`."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for item in items:
                for folder in self._subset.folders:
                    info = tarfile.TarInfo(member_name(self._subset, item.index, folder))
                    info.size = len(item.files[folder])
                    archive.addfile(info, io.BytesIO(item.files[folder]))
        data = stream.getvalue()
        self._store.write(self._file(shard), data)
        return {self._file(shard): hashlib.sha256(data).hexdigest()}

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """See `Storage`."""
        current, members = -1, dict[str, bytes]()
        for index in indices:
            if index // SHARD != current:
                current = index // SHARD
                members = self._members(current)
            names = {f: member_name(self._subset, index, f) for f in self._subset.folders}
            yield StoredItem(index, {f: members[name] for f, name in names.items() if name in members}, {})

    def _members(self, shard: int) -> dict[str, bytes]:
        try:
            data = self._store.read(self._file(shard))
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


def member_name(subset: SubsetPath, index: int, folder: str) -> str:
    """Name of a file in a tar shard: what stands before the first dot is the same for all files of an item."""
    return f"{index:06d}.{folder}.{'npy' if folder == LABEL_FOLDER[subset.kind] else 'png'}"
