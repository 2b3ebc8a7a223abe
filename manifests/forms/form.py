"""The forms in which a dataset can store its items, and their common interface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, get_args

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.store import Store

from .folders import Folders
from .item import StoredFile, StoredItem
from .packed import PackedArrays
from .parquet import ParquetShards
from .tar import Tars

Form = Literal["folders", "tar", "packed", "parquet"]
FORMS: tuple[Form, ...] = get_args(Form)


class Storage(Protocol):
    """One subset in one form.

    Attributes:
        encoded: whether images are stored as PNG.
    """

    encoded: bool

    def begin(self) -> None:
        """Prepare for `write`. Several processes may write shards afterwards."""
        ...

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, StoredFile]:
        """Store a shard, and replace what was stored under its number.

        Args:
            shard: number of the shard, from 0.
            items: consecutive items, `SHARD` of them (fewer in the last shard).

        Returns:
            Name → hash and size, of the files that hold several items and are complete now.
        """
        ...

    def relabel(self, shard: int, labels: Sequence[float]) -> dict[str, StoredFile]:
        """Replace the judgments of a stored shard.

        Args:
            shard: number of the shard, from 0.
            labels: shares of votes in [0, 1], one per item.

        Returns:
            As `write` does.
        """
        ...

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """Read some items, in the order of `indices`. Rising indices are the fastest.

        A missing file is left out of its item. A file that is not a regular file, or larger than this form allows, is
        not read; its content is empty.
        """
        ...

    def shard_files(self, shard: int) -> dict[str, StoredFile]:
        """Return name → hash and size, as they are now, of the files of a shard that hold several items."""
        ...

    def finish(self) -> dict[str, StoredFile]:
        """Complete the subset after all shards are stored. Returns what `write` does."""
        ...

    def owns(self, name: str) -> bool:
        """Whether a file of this name belongs to the subset."""
        ...

    def count_files(self) -> int:
        """Return the number of files that hold a part of one item each."""
        ...


def storage(form: str, store: Store, subset: SubsetPath, count: int, patch: int) -> Storage:
    """Return the storage of a subset.

    Args:
        form: folders, tar, packed or parquet.
        store: of the dataset.
        subset: path of the subset.
        count: number of items.
        patch: side of the images, px.

    Raises:
        BappsmithError: the form is unknown, or packed arrays would be written to an address.
    """
    if form == "folders":
        return Folders(store, subset, count, patch)
    if form == "tar":
        return Tars(store, subset, count, patch)
    if form == "packed":
        if not isinstance(store, LocalStore):
            raise BappsmithError(f"form packed needs a folder on this machine, found {store.root}; use form tar there")
        return PackedArrays(store.folder, subset, count, patch)
    if form == "parquet":
        return ParquetShards(store, subset, count, patch)
    raise BappsmithError(f"form must be one of {', '.join(FORMS)}; found '{form}'")
