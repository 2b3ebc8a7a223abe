"""What the forms share that store a shard as one file, which holds images and judgments."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, SubsetPath
from bappsmith.manifests.store.store import Store

from .item import SHARD, StoredFile, StoredItem
from .labels import label_bytes


class ShardFiles(ABC):
    """SUBSET/NNNNNN.SUFFIX, one file per shard; see `Storage`. Equal items give equal bytes.

    Attributes:
        suffix: of the files, without the dot.
    """

    encoded = True
    suffix: str

    def __init__(self, store: Store, subset: SubsetPath, count: int) -> None:
        self._store, self._subset, self._count = store, subset, count
        self._folders, self._label = IMAGE_FOLDERS[subset.kind], LABEL_FOLDER[subset.kind]

    @abstractmethod
    def _encode(self, items: Sequence[StoredItem]) -> bytes:
        """Return the content of the file that holds these items."""

    @abstractmethod
    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """See `Storage`."""

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, StoredFile]:
        """See `Storage`."""
        data = self._encode(items)
        self._store.write(self._file(shard), data)
        return self._stored(shard, data)

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
        data = self._encode(
            [replace(item, label=label_bytes(label)) for item, label in zip(items, labels, strict=True)]
        )
        # The old file holds the only copy of the images; it is replaced when the new one is on the disk.
        self._store.write_durable(self._file(shard), data)
        return self._stored(shard, data)

    def shard_files(self, shard: int) -> dict[str, StoredFile]:
        """See `Storage`."""
        try:
            data = self._store.read(self._file(shard))
        except OSError:
            return {}
        return self._stored(shard, data)

    def finish(self) -> dict[str, StoredFile]:
        """Do nothing: every file is complete."""
        return {}

    def owns(self, name: str) -> bool:
        """See `Storage`."""
        match = re.fullmatch(rf"{re.escape(str(self._subset))}/(\d{{6}})\.{self.suffix}", name)
        return match is not None and int(match[1]) * SHARD < self._count

    def count_files(self) -> int:
        """See `Storage`."""
        return 0

    def _file(self, shard: int) -> str:
        return f"{self._subset}/{shard:06d}.{self.suffix}"

    def _stored(self, shard: int, data: bytes) -> dict[str, StoredFile]:
        return {self._file(shard): StoredFile(hashlib.sha256(data).hexdigest(), len(data))}
