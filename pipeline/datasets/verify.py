"""Checking every file of a sealed dataset against its manifest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bappsmith.manifests.forms.form import Storage, storage
from bappsmith.manifests.forms.item import SHARD, digests
from bappsmith.manifests.ledger import SEAL, Ledger
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import manifest_name, stored_columns

from .replay import replay


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        files: number of files checked.
        changed: files whose content is not what was sealed.
        missing: files that are gone.
        additional: files that do not belong to the dataset.
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
        """Whether nothing was found."""
        return not (self.changed or self.missing or self.additional or self.other_pixels)


def verify(
    dataset: str | Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    pixels: int = 0,
    photos: str | None = None,
    plugins: Sequence[str | Path] = (),
) -> Verification:
    """Compare everything with the hash that was sealed, on all cores, and look for files that were not.

    Items in shards and packed arrays are named by the folder and number they would have as files.

    Args:
        dataset: folder or address of a sealed dataset.
        progress: called with (items done, items in all).
        pixels: so many items of every subset, spread over it, are made again from their photographs.
        photos: where these lie, see `replay`.
        plugins: likewise.

    Raises:
        BappsmithError: the folder is not a sealed dataset, or see `replay`.
    """
    ledger = Ledger(dataset)
    seal = ledger.seal_data()
    changed: list[str] = []
    missing: list[str] = []
    for name, digest in seal["files"].items():
        try:
            if ledger.sha256(name) != digest:
                changed.append(name)
        except FileNotFoundError:
            missing.append(name)
    if not missing and not changed and ledger.run().fingerprint() != seal["fingerprint"]:
        changed.append(SEAL)
    known: dict[SubsetPath, Storage] = {}
    for text, count in seal["subsets"].items():
        subset = SubsetPath.parse(text)
        # A manifest that is not the sealed one says nothing of its items.
        if manifest_name(subset) not in {*missing, *changed}:
            known[subset] = storage(seal["form"], ledger.store, subset, count, seal["recipe"]["patch"])
    total, done = sum(seal["subsets"].values()), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for subset, stored in known.items():
            for few in _some(ledger.rows(subset)):
                for names in pool.map(lambda rows: _check(subset, stored, rows), few):  # noqa: B023
                    changed += names[0]
                    missing += names[1]
                    done += names[2]
                    if progress:
                        progress(done, total)
    unknown = tuple(f"{text}/" for text in seal["subsets"] if SubsetPath.parse(text) not in known)
    own = {SEAL, *seal["files"]}
    additional = sorted(
        name
        for name in ledger.store.files()
        if name not in own and not any(stored.owns(name) for stored in known.values()) and not name.startswith(unknown)
    )
    files = len(own) + sum(stored.count_files() for stored in known.values())
    remade, other = 0, list[str]()
    if not changed and not missing:
        for subset in known if pixels else ():
            count = seal["subsets"][str(subset)]
            for index in sorted({k * count // pixels for k in range(pixels)}):
                done_again = replay(dataset, str(subset), index, photos=photos, plugins=plugins)
                remade += 1
                if not (done_again.same_plan and all(done_again.same_pixels.values())):
                    differing = ", ".join(f"{k} {a} → {b}" for k, (a, b) in done_again.versions.items())
                    other.append(f"{subset} {index} ({differing or 'same versions'})")
    return Verification(files, tuple(changed), tuple(missing), tuple(additional), remade, tuple(other))


def _some(rows: Iterator[dict[str, Any]]) -> Iterator[list[tuple[dict[str, Any], ...]]]:
    """A few shards' rows at a time: a million rows are not held at once."""
    shards: list[tuple[dict[str, Any], ...]] = []
    while shard := tuple(islice(rows, SHARD)):
        shards.append(shard)
        if len(shards) == 16:
            yield shards
            shards = []
    yield shards


def _check(subset: SubsetPath, stored: Storage, rows: tuple[dict[str, Any], ...]) -> tuple[list[str], list[str], int]:
    """(changed, missing, number of items)."""
    changed, missing = [], []
    columns = stored_columns(subset, stored.encoded)
    for row, item in zip(rows, stored.read([row["index"] for row in rows]), strict=True):
        found = digests(item)
        names = subset.files(row["index"])
        for column in columns:
            if found.get(column) != row[column]:
                name = names[column.partition("_")[2]]
                (changed if column in found else missing).append(name)
    return changed, missing, len(rows)
