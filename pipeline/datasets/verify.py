"""Check every file of a finished dataset against its seal. Nothing is written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from bappsmith.distortions.plugins import PluginPath
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.seal import SEAL, SOURCES
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.open import location
from bappsmith.manifests.table import labels_name, manifest_name
from bappsmith.pipeline.shard import shard_count
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .check_files import FilesTask, check_files
from .check_items import ItemsTask, check_items, forget_opened
from .check_pixels import ReplayTask, check_pixels
from .differences import Differences
from .replay import photographs_of

_T = TypeVar("_T")
_R = TypeVar("_R")
_FILES = 16
"""Number of whole files that a task checks."""
_AT_ONCE = 64
"""Number of tasks whose results wait at a time, if threads do them."""


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
    workers: int | None = None,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
) -> Verification:
    """Compare every file with the seal, and look for files that are not in it.

    Items in shards and packed arrays get the names that they have as files in folders.

    Args:
        root: folder or address of a finished dataset; it may be read-only.
        progress: called with (items done, items in all).
        pixels: number of items per subset, evenly spaced, that are made again from their photographs.
        photos: where the photographs are, see `replay`.
        plugins: see `replay`. Workers must see them under the same paths.
        workers: processes with one thread each; with 1, this process does the work. None: this process does it, with
            a thread for each core.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.

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
    threads = workers is None and scheduler is None and cluster is None
    pool = WorkerPool(choose_client(workers or 1, scheduler, cluster))
    dataset = Dataset(root)
    with pool, _threads() if threads else nullcontext(pool.map_unordered) as map_unordered:
        return _Verifier(dataset, map_unordered, progress).verify(pixels, photos, plugins)


class _Map(Protocol):
    """Calls a function with every task and yields the results, in any order."""

    def __call__(self, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]: ...


@contextmanager
def _threads() -> Iterator[_Map]:
    """Yield a `_Map` on threads of this process, one for each core."""
    with ThreadPoolExecutor(os.cpu_count()) as executor:

        def map_unordered(function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
            for start in range(0, len(tasks), _AT_ONCE):
                yield from executor.map(function, tasks[start : start + _AT_ONCE])

        yield map_unordered


class _Verifier:
    """The steps of `verify`.

    Args:
        dataset: a finished dataset.
        map_unordered: calls functions on threads or workers.
        progress: see `verify`.
    """

    def __init__(self, dataset: Dataset, map_unordered: _Map, progress: Callable[[int, int], None] | None) -> None:
        self._dataset, self._map, self._progress = dataset, map_unordered, progress
        self._root, self._seal = location(dataset.root), dataset.finished

    def verify(self, pixels: int, photos: str | None, plugins: Sequence[str | Path]) -> Verification:
        """See `verify`."""
        seal, dataset = self._seal, self._dataset
        changed, missing = self._whole_files()
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
        for shard in self._shards(sound):
            changed += shard.changed
            missing += shard.missing
        additional = self._additional(sound)
        files = len(seal.files) + 1 + sum(subset.storage.count_files() for subset in sound)
        remade, other_pixels = 0, list[str]()
        if pixels and not changed and not missing:
            remade, other_pixels = self._remake(sound, pixels, photos, plugins)
        return Verification(files, tuple(changed), tuple(missing), additional, remade, tuple(other_pixels))

    def _whole_files(self) -> tuple[list[str], list[str]]:
        """Compare all files that are not single items: (changed, missing), in the order of the seal."""
        files = [(name, file.sha256, file.size) for name, file in self._seal.files.items()]
        tasks = [
            FilesTask(self._root, start, tuple(files[start : start + _FILES])) for start in range(0, len(files), _FILES)
        ]
        done = sorted(self._map(check_files, tasks), key=lambda differences: differences.number)
        return [n for one in done for n in one.changed], [n for one in done for n in one.missing]

    def _shards(self, sound: Sequence[SealedSubset]) -> list[Differences]:
        """Compare the items of subsets, and return the shards with differences, in order."""
        seal = hashlib.sha256(self._dataset.store.read(SEAL)).hexdigest()
        shards = ((subset, shard) for subset in sound for shard in range(shard_count(len(subset))))
        tasks = [
            ItemsTask(self._root, seal, number, str(subset.path), shard)
            for number, (subset, shard) in enumerate(shards)
        ]
        total, done = sum(self._seal.subsets.values()), 0
        differing: list[Differences] = []
        try:
            for differences in self._map(check_items, tasks):
                done += differences.items
                if differences.changed or differences.missing:
                    differing.append(differences)
                if self._progress:
                    self._progress(done, total)
        finally:
            forget_opened()
        return sorted(differing, key=lambda differences: differences.number)

    def _additional(self, sound: Sequence[SealedSubset]) -> tuple[str, ...]:
        """Name files and empty folders that do not belong to the dataset, except in subsets that are not sound."""
        known, storages = {SEAL, *self._seal.files}, {str(subset.path): subset.storage for subset in sound}
        unknown = {str(path) for path in self._seal.subsets} - set(storages)
        additional: list[str] = []
        for name in self._dataset.store.files():
            path = "/".join(name.split("/")[:3])
            if name not in known and path not in unknown and not (path in storages and storages[path].owns(name)):
                additional.append(name)
        return (*sorted(additional), *sorted(f"{name}/" for name in self._dataset.store.empty_folders()))

    def _remake(
        self, sound: Sequence[SealedSubset], pixels: int, photos: str | None, plugins: Sequence[str | Path]
    ) -> tuple[int, list[str]]:
        """Make items again: (number, those that differ)."""
        where = location(photographs_of(photos, self._dataset.run))
        paths = tuple(str(PluginPath.parse(plugin).resolve()) for plugin in plugins)
        tasks = [
            ReplayTask(self._root, subset.name, index, where, paths)
            for subset in sound
            for index in sorted({k * len(subset) // pixels for k in range(pixels)})
        ]
        differing = dict(filter(None, self._map(check_pixels, tasks)))
        return len(tasks), [differing[task] for task in tasks if task in differing]
