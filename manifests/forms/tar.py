"""Form tar: SUBSET/NNNNNN.tar, one file per shard.

Members are NNNNNN.ref.png, NNNNNN.p0.png, NNNNNN.p1.png and NNNNNN.judge.npy, as WebDataset names them. They have the
same bytes as the files of form folders.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, SubsetPath
from bappsmith.manifests.store.store import Store

from .item import SHARD, StoredFile, StoredItem
from .labels import LABEL_BYTES, label_bytes
from .png import largest_png


class Tars:
    """One tar file per shard; see `Storage`. Equal items give equal bytes."""

    encoded = True

    def __init__(self, store: Store, subset: SubsetPath, count: int, patch: int) -> None:
        self._store, self._subset, self._count = store, subset, count
        self._folders, self._label = IMAGE_FOLDERS[subset.kind], LABEL_FOLDER[subset.kind]
        # Every member has a header and is padded to 512 bytes; the end of the file takes at most 10,240 bytes.
        self._largest = SHARD * (len(self._folders) * (largest_png(patch) + 1024) + LABEL_BYTES + 1024) + 10_240

    def begin(self) -> None:
        """Do nothing: every file is complete."""

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, StoredFile]:
        """See `Storage`."""
        data = self._archive(items)
        self._store.write(self._file(shard), data)
        return {self._file(shard): StoredFile(hashlib.sha256(data).hexdigest(), len(data))}

    def relabel(self, shard: int, labels: Sequence[float]) -> dict[str, StoredFile]:
        """See `Storage`.

        Raises:
            BappsmithError: the shard is damaged.
        """
        items = list(self.read(range(shard * SHARD, shard * SHARD + len(labels))))
        if any(len(item.images) < len(self._folders) for item in items):
            raise BappsmithError(
                f"{self._store.root}/{self._file(shard)} is missing or damaged; restore it from a copy"
            )
        labelled = [replace(item, label=label_bytes(label)) for item, label in zip(items, labels, strict=True)]
        data = self._archive(labelled)
        # The old file holds the only copy of the images: replace it only when the new one is on the disk.
        self._store.write_durable(self._file(shard), data)
        return {self._file(shard): StoredFile(hashlib.sha256(data).hexdigest(), len(data))}

    def _archive(self, items: Sequence[StoredItem]) -> bytes:
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

    def shard_files(self, shard: int) -> dict[str, StoredFile]:
        """See `Storage`."""
        try:
            data = self._store.read(self._file(shard))
        except OSError:
            return {}
        return {self._file(shard): StoredFile(hashlib.sha256(data).hexdigest(), len(data))}

    def finish(self) -> dict[str, StoredFile]:
        """Do nothing: every file is complete."""
        return {}

    def owns(self, name: str) -> bool:
        """See `Storage`."""
        match = re.fullmatch(rf"{re.escape(str(self._subset))}/(\d{{6}})\.tar", name)
        return match is not None and int(match[1]) * SHARD < self._count

    def count_files(self) -> int:
        """See `Storage`."""
        return 0

    def _file(self, shard: int) -> str:
        return f"{self._subset}/{shard:06d}.tar"


def member_name(subset: SubsetPath, index: int, folder: str) -> str:
    """Return the name of a file in a tar shard. The text before the first dot is the same for all files of an item."""
    return f"{index:06d}.{folder}.{'npy' if folder == LABEL_FOLDER[subset.kind] else 'png'}"
