"""Copy items of finished datasets into a new one, shard by shard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import RECIPE_LABELS, DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Storage
from bappsmith.manifests.forms.item import SHARD, StoredItem, digests
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.forms.png import encode_png
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.row import ItemOrigin
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.sealed_subset import SealedSubset


@dataclass(frozen=True, slots=True)
class Selection:
    """Some items of a subset of a finished dataset.

    Attributes:
        root: folder or address of the dataset.
        fingerprint: of the dataset, so that a worker does not reuse another dataset that was in the same place.
        form: of the dataset, for the same reason; it is not part of the fingerprint.
        subset: path of the subset.
        indices: positions in it, ascending.
    """

    root: str
    fingerprint: str
    form: str
    subset: str
    indices: Sequence[int]


@dataclass(frozen=True, slots=True)
class CopyTask:
    """All that a worker receives. The rest is in the work log of the new dataset.

    Attributes:
        root: folder or address of the new dataset.
        fingerprint: of the new dataset.
        form: of the new dataset; it is not part of the fingerprint.
        subset: path of a subset of it.
        shard: number of the shard in the subset, from 0.
        selections: the items of the shard, in order.
        derived: whether rows say where the items were made first.
    """

    root: str
    fingerprint: str
    form: str
    subset: str
    shard: int
    selections: tuple[Selection, ...]
    derived: bool

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.subset}"


def copy_shard(task: CopyTask) -> int:
    """Copy one shard and enter it into the work log. Every worker runs this function.

    A shard that was entered before is checked, and copied again if it is damaged.

    Returns:
        Number of its items.

    Raises:
        BappsmithError: an item does not match the seal, or cannot be written.
    """
    log, run = _log(task.root, task.fingerprint, task.form)
    path = SubsetPath.parse(task.subset)
    storage = log.storage(run.recipe, run.form, path)
    count = sum(len(selection.indices) for selection in task.selections)
    if log.intact(path, task.shard, task.fingerprint, storage):
        return count
    rows: list[dict[str, Any]] = []
    items: list[StoredItem] = []
    for selection in task.selections:
        source = _dataset(selection.root, selection.fingerprint, selection.form).sealed(selection.subset)
        source_rows = source.take_columns(selection.indices)
        judgments = source.take_judgments(RECIPE_LABELS, selection.indices)
        for row, judgment, item in zip(source_rows, judgments, source.storage.read(selection.indices), strict=True):
            copied = _copy(source, row, item, storage)
            if task.derived and not row["origin"]:
                row["origin"] = ItemOrigin(selection.fingerprint, selection.subset, row["index"]).to_json()
            cleared = {name: None for name in row if name.startswith(("file_", "size_"))}
            position = task.shard * SHARD + len(rows)
            rows.append({**row, **cleared, **digests(copied), **judgment, "index": position})
            items.append(replace(copied, index=position, label=label_bytes(judgment["judgment"])))
    files = storage.write(task.shard, items)
    log.enter(path, task.shard, rows, task.fingerprint, files)
    return count


def _copy(source: SealedSubset, row: dict[str, Any], item: StoredItem, storage: Storage) -> StoredItem:
    """Convert an item to the form of the new dataset, after checking its pixels.

    Raises:
        BappsmithError: its pixels do not match the seal.
    """
    damaged = BappsmithError(
        f"{source.root}: item {row['index']} is not as it was sealed; run bappsmith verify for details"
    )
    try:
        pixels = source.decode(item)
    except BappsmithError as error:
        raise damaged from error
    images = dict(item.images)
    if storage.encoded and not images:
        images = {folder: encode_png(image) for folder, image in pixels.items()}
    copied = StoredItem(item.index, images if storage.encoded else {}, None, pixels)
    hashes = digests(copied)
    if any(hashes[f"pixels_{folder}"] != row[f"pixels_{folder}"] for folder in source.folders):
        raise damaged
    return copied


@lru_cache(maxsize=1)
def _log(root: str, fingerprint: str, form: str) -> tuple[DatasetLog, Run]:
    log = DatasetLog(root)
    return log, log.run()


@lru_cache(maxsize=16)
def _dataset(root: str, fingerprint: str, form: str) -> Dataset:
    return Dataset(root)


def forget_datasets() -> None:
    """Close opened datasets, for a process that continues with other work."""
    _log.cache_clear()
    _dataset.cache_clear()
