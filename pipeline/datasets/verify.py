"""Check every file of a finished dataset against its seal. Nothing is written."""

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
        changed: files whose content does not match the seal.
        missing: files that do not exist any more.
        additional: files, links and empty folders that do not belong to the dataset.
        remade: number of items that were made again from their photographs.
        other_pixels: those whose new pixels or plans differ, with the libraries whose versions differ.
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
    """Compare every file with the seal, on all cores, and look for files that are not in it.

    Items in shards and packed arrays get the names that they have as files in folders.

    Args:
        root: folder or address of a finished dataset; it may be read-only.
        progress: called with (items done, items in all).
        pixels: number of items per subset, evenly spaced, that are made again from their photographs.
        photos: where the photographs are, see `replay`.
        plugins: see `replay`.

    Returns:
        The differences.

    Raises:
        BappsmithError: there is no finished dataset, or its seal is damaged or changed; or see `replay`.

    Examples:
        >>> import bappsmith
        >>> wanted = {"path": "2afc/train/tiny", "triplets": 3}
        >>> recipe = bappsmith.Recipe.from_dict({"name": "tiny", "subsets": [wanted]})
        >>> made = bappsmith.generate(recipe, "tiny")
        >>> bappsmith.verify("tiny").clean
        True
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
    # If a table does not match the seal, its items cannot be checked.
    unsound = {*missing, *changed}
    sound = [
        subset
        for subset in dataset.subsets()
        if not unsound & {manifest_name(subset.path), labels_name(subset.path, seal.active)}
    ]
    total, done = sum(seal.subsets.values()), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for subset in sound:
            for shards in _groups_of_shards(subset):
                results = pool.map(lambda rows: _check(subset, rows), shards)  # noqa: B023
                for shard_changed, shard_missing, count in results:
                    changed += shard_changed
                    missing += shard_missing
                    done += count
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
    remade, other_pixels = 0, list[str]()
    if not changed and not missing:
        for subset in sound if pixels else ():
            for index in sorted({k * len(subset) // pixels for k in range(pixels)}):
                replayed = replay(root, subset.name, index, photos=photos, plugins=plugins)
                remade += 1
                if not (replayed.same_plan and all(replayed.same_pixels.values())):
                    differing = ", ".join(f"{k} {a} → {b}" for k, (a, b) in replayed.versions.items())
                    other_pixels.append(f"{subset.name} {index} ({differing or 'same versions'})")
    return Verification(files, tuple(changed), tuple(missing), tuple(additional), remade, tuple(other_pixels))


def _sha256(store: Store, name: str) -> str:
    with store.open(name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _groups_of_shards(subset: SealedSubset) -> Iterator[list[tuple[dict[str, Any], ...]]]:
    """Yield the hashes and judgments of up to 16 shards at a time, so that not all items are in memory."""
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
    """Compare the items of one shard with their rows: (changed files, missing files, number of items)."""
    changed, missing = [], []
    columns = stored_columns(subset.folders, subset.storage.encoded)
    for row, item in zip(rows, subset.storage.read([row["index"] for row in rows]), strict=True):
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
        elif item.label != label_bytes(row["judgment"]):
            changed.append(label)
    return changed, missing, len(rows)
