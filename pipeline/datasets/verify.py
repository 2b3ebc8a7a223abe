"""Checking every file of a finished dataset against what was sealed. Nothing is written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import SHARD, digests, stored_columns
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.schema.subset_path import LABEL_FOLDER
from bappsmith.manifests.seal import SEAL, SOURCES
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.store import Store
from bappsmith.manifests.table import labels_name, manifest_name

from .replay import replay


@dataclass(frozen=True)
class Verification:
    """The differences between a dataset and its seal.

    Attributes:
        files: number of files checked.
        changed: files whose content is not what was sealed.
        missing: files that are gone.
        additional: files, links and empty folders that do not belong to the dataset.
        remade: number of items that were made again from their photographs.
        other_pixels: those of them that came out otherwise, with the libraries whose versions differ.
    """

    files: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    additional: tuple[str, ...]
    remade: int = 0
    other_pixels: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether there is no difference."""
        return not (self.changed or self.missing or self.additional or self.other_pixels)


def verify(
    root: str | Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    pixels: int = 0,
    photos: str | None = None,
    plugins: Sequence[str | Path] = (),
) -> Verification:
    """Compare everything with what was sealed, on all cores, and look for files that were not.

    Items in shards and packed arrays are named by the folder and number they would have as files.

    Args:
        root: folder or address of a finished dataset; a read-only one is enough.
        progress: called with (items done, items in all).
        pixels: number of items of every subset, spread over it, that are made again from their photographs.
        photos: where these are, see `replay`.
        plugins: likewise.

    Raises:
        BappsmithError: there is no finished dataset, its seal is damaged or was changed, or see `replay`.
    """
    dataset = Dataset(root)
    seal, store = dataset.finished, dataset.store
    changed: list[str] = []
    missing: list[str] = []
    for name, file in seal.files.items():
        try:
            # The size is compared first: an endless file is not read.
            if store.size(name) != file.size or _sha256(store, name) != file.sha256:
                changed.append(name)
        except FileNotFoundError:
            missing.append(name)
        except OSError:
            changed.append(name)
    if not {*missing, *changed} & {SOURCES}:
        try:
            _ = dataset.run
        except BappsmithError:
            changed.append(SEAL)
    # A table that is not the sealed one says nothing of its items.
    unsound = {*missing, *changed}
    sound = [
        subset
        for subset in dataset.subsets()
        if not unsound & {manifest_name(subset.path), labels_name(subset.path, seal.active)}
    ]
    total, done = sum(seal.subsets.values()), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for subset in sound:
            for some in _some_shards(subset):
                for shard in pool.map(lambda rows: _check(subset, rows), some):  # noqa: B023
                    changed += shard[0]
                    missing += shard[1]
                    done += shard[2]
                    if progress:
                        progress(done, total)
    known = {SEAL, *seal.files}
    unknown = tuple(f"{path}/" for path in seal.subsets if path not in {subset.path for subset in sound})
    additional = sorted(
        name
        for name in store.files()
        if name not in known and not any(subset.storage.owns(name) for subset in sound) and not name.startswith(unknown)
    )
    additional += sorted(f"{name}/" for name in store.empty_folders())
    files = len(known) + sum(subset.storage.count_files() for subset in sound)
    remade, other = 0, list[str]()
    if not changed and not missing:
        for subset in sound if pixels else ():
            for index in sorted({k * len(subset) // pixels for k in range(pixels)}):
                again = replay(root, subset.name, index, photos=photos, plugins=plugins)
                remade += 1
                if not (again.same_plan and all(again.same_pixels.values())):
                    differing = ", ".join(f"{k} {a} → {b}" for k, (a, b) in again.versions.items())
                    other.append(f"{subset.name} {index} ({differing or 'same versions'})")
    return Verification(files, tuple(changed), tuple(missing), tuple(additional), remade, tuple(other))


def _sha256(store: Store, name: str) -> str:
    with store.open(name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _some_shards(subset: SealedSubset) -> Iterator[list[tuple[dict[str, Any], ...]]]:
    """Hashes and judgments of a few shards at a time: those of a million items are not in memory at once."""
    names = stored_columns(subset.folders, subset.storage.encoded)
    shares = subset.labels().shares
    rows = ({**row, "judgment": float(shares[row["index"]])} for row in subset.iterate("index", *names))
    shards: list[tuple[dict[str, Any], ...]] = []
    while shard := tuple(islice(rows, SHARD)):
        shards.append(shard)
        if len(shards) == 16:
            yield shards
            shards = []
    yield shards


def _check(subset: SealedSubset, rows: tuple[dict[str, Any], ...]) -> tuple[list[str], list[str], int]:
    """(changed, missing, number of items)."""
    changed, missing = [], []
    columns = stored_columns(subset.folders, subset.storage.encoded)
    for row, item in zip(rows, subset.storage.read([row["index"] for row in rows]), strict=True):
        there = digests(item)
        names = subset.path.files(row["index"])
        for folder in subset.folders:
            own = [column for column in columns if column.endswith(f"_{folder}")]
            if not all(column in there for column in own):
                missing.append(names[folder])
            elif any(there[column] != row[column] for column in own):
                changed.append(names[folder])
        label = names[LABEL_FOLDER[subset.kind]]
        if item.label is None:
            missing.append(label)
        elif item.label != label_bytes(row["judgment"]):
            changed.append(label)
    return changed, missing, len(rows)
