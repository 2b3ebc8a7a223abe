"""The forms in which a dataset stores its items, and what is asked of each."""

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
    """One subset in one form."""

    encoded: bool
    """Whether images are stored as PNG."""

    def begin(self) -> None:
        """Get ready for shards, which several processes may then write."""
        ...

    def write(self, shard: int, items: Sequence[StoredItem]) -> dict[str, StoredFile]:
        """Store a shard; what was stored under its number is replaced.

        Returns:
            The files that hold several items and are whole now.
        """
        ...

    def relabel(self, shard: int, labels: Sequence[float]) -> dict[str, StoredFile]:
        """Replace the judgments of a shard that is stored; returns what `write` does."""
        ...

    def read(self, indices: Sequence[int]) -> Iterator[StoredItem]:
        """Some items, in the order asked for, quickest where it rises; a file that is missing is left out.

        A file that is no regular file, or larger than any of this form, is not read: its content is empty here.
        """
        ...

    def shard_files(self, shard: int) -> dict[str, StoredFile]:
        """The files of a shard that hold several items, as they are now."""
        ...

    def finish(self) -> dict[str, StoredFile]:
        """Complete the subset when all shards are stored; returns what `write` does."""
        ...

    def owns(self, name: str) -> bool:
        """Whether a file of that name belongs to the subset."""
        ...

    def count_files(self) -> int:
        """Number of its files that hold one item each."""
        ...


def storage(form: str, store: Store, subset: SubsetPath, count: int, patch: int) -> Storage:
    """A subset of `count` items of `patch` px, stored in that form.

    Raises:
        BappsmithError: there is no such form, or an address is asked to hold packed arrays.
    """
    if form == "folders":
        return Folders(store, subset, count, patch)
    if form == "tar":
        return Tars(store, subset, count, patch)
    if form == "packed":
        if not isinstance(store, LocalStore):
            raise BappsmithError(
                f"form packed is written to a folder of this machine, and not to {store.root}; use form tar there"
            )
        return PackedArrays(store.folder, subset, count, patch)
    if form == "parquet":
        return ParquetShards(store, subset, count, patch)
    raise BappsmithError(f"form is {', '.join(FORMS)}; found '{form}'")
