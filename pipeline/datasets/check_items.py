"""Compare the items of a shard with the manifest and the active labelling."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.forms.item import digests, stored_columns
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.schema.subset_path import LABEL_FOLDER
from bappsmith.pipeline.shard import shard_indices

from .differences import Differences


@dataclass(frozen=True, slots=True)
class ItemsTask:
    """All that a worker receives to check the items of a shard.

    Attributes:
        root: folder or address of the dataset.
        seal: sha256 of seal.json, so that a worker does not reuse what it read of another seal.
        number: position of the shard among all shards.
        subset: path of the subset.
        shard: number of the shard in the subset, from 0.
    """

    root: str
    seal: str
    number: int
    subset: str
    shard: int

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.subset}"


def check_items(task: ItemsTask) -> Differences:
    """Compare the items of a shard with the manifest and the active labelling."""
    dataset = _opened(task.root, task.seal)
    subset = dataset.sealed(task.subset)
    columns = stored_columns(subset.folders, subset.storage.encoded)
    indices = shard_indices(len(subset), task.shard)
    rows = subset.take_columns(indices, "index", *columns)
    shares = subset.take_labels(dataset.finished.active, indices).shares
    changed, missing = [], []
    for row, share, item in zip(rows, shares, subset.storage.read(indices), strict=True):
        hashes = digests(item)
        names = subset.path.files(row["index"])
        for folder in subset.folders:
            folder_columns = [column for column in columns if column.endswith(f"_{folder}")]
            if not all(column in hashes for column in folder_columns):
                missing.append(names[folder])
            elif any(hashes[column] != row[column] for column in folder_columns):
                changed.append(names[folder])
        label = names[LABEL_FOLDER[subset.kind]]
        if item.label is None:
            missing.append(label)
        elif item.label != label_bytes(float(share)):
            changed.append(label)
    return Differences(task.number, len(rows), tuple(changed), tuple(missing))


@lru_cache(maxsize=1)
def _opened(root: str, seal: str) -> Dataset:
    return Dataset(root)


def forget_opened() -> None:
    """Forget the dataset that this process checked last."""
    _opened.cache_clear()
