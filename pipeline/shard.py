"""One shard: plan, render, write, enter. Making it twice gives the same bytes."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2

from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import SHARD, StoredItem, digests
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.forms.png import encode_png
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.planning.provenance import check_worker
from bappsmith.pipeline.rendering.render import Rendered, render
from bappsmith.pipeline.sources.decoded import DecodedPhotographs
from bappsmith.pipeline.sources.index import SourceIndex
from bappsmith.pipeline.workers.carry import LocalPlugins


@dataclass(frozen=True, slots=True)
class ShardTask:
    """All a worker is told; the rest it reads from the dataset's work log.

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
    """A shard that is on disk and in the work log.

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
    """Make one shard and enter it into the work log; the function every worker runs.

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
    stored = state.log.storage(state.run.recipe, state.run.form, subset)
    try:
        if state.log.intact(subset, task.shard, task.fingerprint, stored):
            return Finished(len(indices), False)
        planned = [planner.plan(index) for index in indices]
        rendered = render([record for record, _ in planned], state.photographs.read)
        items, rows = [], []
        for (record, judgment), result in zip(planned, rendered, strict=True):
            item = to_item(record.index, judgment.share, result, stored.encoded)
            items.append(item)
            rows.append({**record.to_row(), "crop": result.crop, **digests(item), **judgment.to_row()})
        files = stored.write(task.shard, items)
        state.log.enter(subset, task.shard, rows, task.fingerprint, files)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BappsmithError(
                f"disk full while writing shard {task.shard} of {subset} to {task.root}; free some space and run "
                "the same command again, finished shards are kept"
            ) from None
        raise
    return Finished(len(indices), True)


def to_item(index: int, share: float, rendered: Rendered, encoded: bool) -> StoredItem:
    """What is stored of a rendered record and its judgment: with PNGs where images are stored as such."""
    images = {folder: encode_png(image) for folder, image in rendered.images.items()} if encoded else {}
    return StoredItem(index, images, label_bytes(share), rendered.images)


class WorkerState:
    """What a process keeps between the shards of one run: planners and decoded photographs."""

    def __init__(self, root: str, photos: str, plugins: tuple[str, ...]) -> None:
        self.log = DatasetLog(root)
        self._plugins = LocalPlugins(plugins, self.log.store)
        use_plugins(self._plugins.plugins)
        self.run = self.log.run()
        self.photographs = DecodedPhotographs(SourceIndex(photos, self.run.photographs))
        recipe = self.run.recipe
        try:
            self.planners = {s.where: Planner(recipe, s, self.run.photographs) for s in recipe.subsets}
        except BappsmithError as error:  # in the process that started the run, the same went well
            raise BappsmithError(
                f"a worker does not know all operators of this run: {error} Pass the file that defines them as a plugin"
            ) from error
        check_worker(self.run, self.planners.values())


def close_worker_state() -> None:
    """Let go of decoded photographs, for a process that goes on to other work."""
    _worker_state.cache_clear()


@lru_cache(maxsize=1)
def _worker_state(root: str, fingerprint: str, photos: str, plugins: tuple[str, ...]) -> WorkerState:
    return WorkerState(root, photos, plugins)
