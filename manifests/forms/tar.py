"""Form tar: SUBSET/NNNNNN.tar, one file per shard.

Members are NNNNNN.ref.png, NNNNNN.p0.png, NNNNNN.p1.png and NNNNNN.judge.npy, as WebDataset names them. They have the
same bytes as the files of form folders.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence

from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath
from bappsmith.manifests.store.store import Store

from .item import SHARD, StoredItem
from .labels import LABEL_BYTES
from .png import largest_png
from .shard_file import ShardFiles


class Tars(ShardFiles):
    """One tar file per shard; see `Storage`. Equal items give equal bytes."""

    suffix = "tar"

    def __init__(self, store: Store, subset: SubsetPath, count: int, patch: int) -> None:
        super().__init__(store, subset, count)
        # Every member has a header and is padded to 512 bytes; the end of the file takes at most 10,240 bytes.
        self._largest = SHARD * (len(self._folders) * (largest_png(patch) + 1024) + LABEL_BYTES + 1024) + 10_240

    def begin(self) -> None:
        """Do nothing: every file is complete."""

    def _encode(self, items: Sequence[StoredItem]) -> bytes:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for item in items:
                contents = {**item.images, self._label: item.label or b""}
                for folder in self._subset.folders:
                    info = tarfile.TarInfo(member_name(self._subset, item.index, folder))
                    info.size = len(contents[folder])
                    archive.addfile(info, io.BytesIO(contents[folder]))
        return stream.getvalue()

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """See `Storage`."""
        current, members = -1, dict[str, bytes]()
        for index in indices:
            if index // SHARD != current:
                current = index // SHARD
                members = self._members(current)
            names = {folder: member_name(self._subset, index, folder) for folder in self._folders}
            label = members.get(member_name(self._subset, index, self._label))
            yield StoredItem(index, {f: members[name] for f, name in names.items() if name in members}, label, {})

    def _members(self, shard: int) -> dict[str, bytes]:
        try:
            if self._store.size(self._file(shard)) > self._largest:
                return {}
            data = self._store.read(self._file(shard))
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                return {
                    member.name: data[member.offset_data : member.offset_data + member.size]
                    for member in archive
                    if member.isfile()
                }
        except (OSError, tarfile.TarError):
            return {}


def member_name(subset: SubsetPath, index: int, folder: str) -> str:
    """Return the name of a file in a tar shard. The text before the first dot is the same for all files of an item."""
    return f"{index:06d}.{folder}.{'npy' if folder == LABEL_FOLDER[subset.kind] else 'png'}"
