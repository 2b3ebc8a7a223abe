"""One shard: plan, render, write, enter. Making it twice gives the same bytes."""

from __future__ import annotations

import errno
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2

from bappsmith.distortions.base import Image
from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import SHARD, StoredItem, digests
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.planning.provenance import check_worker
from bappsmith.pipeline.rendering.png import encode_png
from bappsmith.pipeline.rendering.render import Rendered, render
from bappsmith.pipeline.sources.index import SourceIndex
from bappsmith.pipeline.workers.carry import LocalPlugins

CACHE_BYTES = 256 << 20
"""Decoded photographs kept by a worker between shards."""


@dataclass(frozen=True, slots=True)
class ShardTask:
    """All a worker is told; the rest it reads from the dataset's `.bappsmith/run.json`.

    Attributes:
        root: the dataset's folder.
        fingerprint: of the run, so that a worker never serves an old one from memory.
        photos: the folder or address that names of photographs start from.
        plugins: paths of plugin files and banks, the latter also as `NAME=PATH`.
        subset: which subset.
        shard: which shard of it.
    """

    root: str
    fingerprint: str
    photos: str
    plugins: tuple[str, ...]
    subset: str
    shard: int

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.subset}"


class Finished(NamedTuple):
    """A shard that is on disk and in the ledger.

    Attributes:
        items: number of items in it.
        made: whether they were made now; otherwise they stood there, and were checked.
    """

    items: int
    made: bool


def shard_indices(count: int, shard: int) -> range:
    """Indices of a shard of a subset of `count` items."""
    return range(shard * SHARD, min((shard + 1) * SHARD, count))


def shard_count(count: int) -> int:
    """Number of shards of a subset of `count` items."""
    return -(-count // SHARD)


def make_shard(task: ShardTask) -> Finished:
    """Make one shard and enter it into the ledger; the function every worker runs.

    A shard that was entered before is checked, file by file, and made again if one is not as it was.

    Raises:
        BappsmithError: this process has other libraries or operators than the run, a photograph
            changed, an operator broke its contract, or the disk is full.
    """
    cv2.setNumThreads(1)
    state = _worker_state(task.root, task.fingerprint, task.photos, task.plugins)
    subset = SubsetPath.parse(task.subset)
    planner = state.planners[subset]
    indices = shard_indices(planner.subset.count, task.shard)
    stored = state.ledger.storage(state.run, subset)
    try:
        if state.ledger.intact(subset, task.shard, task.fingerprint, stored):
            return Finished(len(indices), False)
        records = [planner.plan(index) for index in indices]
        rendered = render(records, state.read)
        items = [to_item(subset, *one, stored.encoded) for one in zip(records, rendered, strict=True)]
        rows = [
            {**record.to_row(), "crop": result.crop, **digests(item)}
            for record, result, item in zip(records, rendered, items, strict=True)
        ]
        files = stored.write(task.shard, items)
        state.ledger.enter(subset, task.shard, rows, task.fingerprint, files)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BappsmithError(
                f"disk full while writing shard {task.shard} of {subset} to {task.root}; free some space and run "
                "the same command again, finished shards are kept"
            ) from None
        raise
    return Finished(len(records), True)


def to_item(subset: SubsetPath, record: TripletRecord, rendered: Rendered, encoded: bool) -> StoredItem:
    """What is stored of a rendered record: with PNGs where images are stored as such."""
    files = {LABEL_FOLDER[subset.kind]: label_bytes(record.judgment)}
    if encoded:
        files |= {folder: encode_png(image) for folder, image in rendered.images.items()}
    return StoredItem(record.index, files, rendered.images)


class WorkerState:
    """What a process keeps between the shards of one run: planners and decoded photographs."""

    def __init__(self, root: str, photos: str, plugins: tuple[str, ...]) -> None:
        self.ledger = Ledger(root)
        self._plugins = LocalPlugins(plugins, self.ledger.store)
        use_plugins(self._plugins.plugins)
        self.run = self.ledger.run()
        self._by_name = {photo.name: photo for photo in self.run.photographs}
        self._sources = SourceIndex(photos, self.run.photographs)
        self._decoded: OrderedDict[str, Image] = OrderedDict()
        self._bytes = 0
        recipe = self.run.recipe
        try:
            self.planners = {s.where: Planner(recipe, s, self.run.photographs) for s in recipe.subsets}
        except BappsmithError as error:  # in the process that started the run, the same went well
            raise BappsmithError(
                f"a worker does not know all operators of this run: {error} Pass the file that defines them as a plugin"
            ) from error
        check_worker(self.run, self.planners.values())

    def read(self, name: str) -> Image:
        """A decoded photograph; the least recently used are dropped beyond `CACHE_BYTES`."""
        if name not in self._decoded:
            photo: Photograph = self._by_name[name]
            coming = photo.height * photo.width * 3
            while self._decoded and self._bytes + coming > CACHE_BYTES:
                self._bytes -= self._decoded.popitem(last=False)[1].nbytes
            self._decoded[name] = self._sources.read(photo)
            self._bytes += coming
        self._decoded.move_to_end(name)
        return self._decoded[name]


def close_worker_state() -> None:
    """Let go of decoded photographs, for a process that goes on to other work."""
    _worker_state.cache_clear()


@lru_cache(maxsize=1)
def _worker_state(root: str, fingerprint: str, photos: str, plugins: tuple[str, ...]) -> WorkerState:
    return WorkerState(root, photos, plugins)
