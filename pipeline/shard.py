"""Make one shard: plan, render, write, enter. Making it twice gives the same bytes."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.dataset_log import RECIPE_LABELS, DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import SHARD, StoredItem, digests
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.forms.png import encode_png
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.pipeline.judging.judged_items import Images, JudgedItems
from bappsmith.pipeline.judging.label import label, measure
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.planning.provenance import check_worker
from bappsmith.pipeline.rendering.render import Rendered, render
from bappsmith.pipeline.sources.decoded import DecodedPhotographs
from bappsmith.pipeline.sources.index import SourceIndex
from bappsmith.pipeline.workers.carry import LocalPlugins


@dataclass(frozen=True, slots=True)
class ShardTask:
    """All that a worker receives. It reads the rest from the dataset's work log.

    Attributes:
        root: the dataset's folder or address.
        fingerprint: of the run, so that a worker does not reuse the state of another run.
        form: of the dataset, for the same reason; it is not part of the fingerprint.
        photos: folder or address that the names of photographs start from.
        plugins: paths of plugin files and banks; a bank may be `NAME=PATH`.
        subset: path of the subset, such as 2afc/train/traditional.
        shard: number of the shard in the subset, from 0.
    """

    root: str
    fingerprint: str
    form: str
    photos: str
    plugins: tuple[str, ...]
    subset: str
    shard: int

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.subset}"


class ShardResult(NamedTuple):
    """A shard that is on disk and in the work log.

    Attributes:
        items: number of items in it.
        new: True if they were made now; False if an earlier run made them and they passed the check.
    """

    items: int
    new: bool


def shard_indices(count: int, shard: int) -> range:
    """Return the indices of a shard in a subset of `count` items."""
    return range(shard * SHARD, min((shard + 1) * SHARD, count))


def shard_count(count: int) -> int:
    """Return the number of shards of a subset of `count` items."""
    return -(-count // SHARD)


def make_shard(task: ShardTask) -> ShardResult:
    """Make one shard and enter it into the work log. Every worker runs this function.

    A shard that was entered before is checked file by file, and made again if a file changed.

    Raises:
        BappsmithError: this process has other libraries or operators than the run, a photograph changed, an operator
            broke its contract, or the disk is full.
    """
    cv2.setNumThreads(1)
    state = _worker_state(task.root, task.fingerprint, task.form, task.photos, task.plugins)
    subset = SubsetPath.parse(task.subset)
    planner = state.planners[subset]
    indices = shard_indices(planner.subset.count, task.shard)
    storage = state.log.storage(state.run.recipe, state.run.form, subset)
    try:
        if state.log.intact(subset, task.shard, task.fingerprint, storage):
            return ShardResult(len(indices), new=False)
        records = [planner.plan(index) for index in indices]
        rendered = render(records, state.photographs.read)
        labels = judge_planned(planner, records, rendered)
        items, rows = [], []
        for record, result, judgment in zip(records, rendered, labels.rows(), strict=True):
            item = to_item(record.index, judgment["judgment"], result, storage.encoded)
            items.append(item)
            rows.append({**record.to_row(), "crop": result.crop, **digests(item), **judgment})
        files = storage.write(task.shard, items)
        state.log.enter(subset, task.shard, rows, task.fingerprint, files)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BappsmithError(
                f"disk full while writing shard {task.shard} of {subset} to {task.root}; free some space and run the "
                "same command again (finished shards are kept)"
            ) from None
        raise
    return ShardResult(len(indices), new=True)


def judge_planned(planner: Planner, records: Sequence[TripletRecord], rendered: Sequence[Rendered]) -> Labelling:
    """Judge items of a subset by the judge of its recipe. The judgments of an item do not depend on the others.

    Args:
        planner: of the subset.
        records: planned by it.
        rendered: their pixels.
    """

    def images() -> Images:
        return {folder: np.stack([one.images[folder] for one in rendered]) for folder in rendered[0].images}

    kind, judge = planner.subset.where.kind, planner.judge
    figures = measure(judge, JudgedItems.of_records(kind, records, images, _no_answers))
    indices = [record.index for record in records]
    path = str(planner.subset.where)
    return label(judge, figures, kind, indices, name=RECIPE_LABELS, seed=planner.recipe.seed, subset=path)


def _no_answers(name: str) -> Labelling:
    raise BappsmithError(
        f"a judge asks for labelling '{name}', but a dataset has none while it is made; use this judge with `bappsmith "
        "judge` on the finished dataset"
    )


def to_item(index: int, share: float, rendered: Rendered, encoded: bool) -> StoredItem:
    """Return what is stored of a rendered record and its judgment.

    Args:
        index: position in the subset.
        share: judgment, in [0, 1].
        rendered: the pixels.
        encoded: whether the form stores images as PNG files; they are encoded then.
    """
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
        except BappsmithError as error:  # the same succeeded in the process that started the run
            raise BappsmithError(
                f"a worker does not know all operators of this run: {error} "
                "Give the file that defines them with --plugin"
            ) from error
        check_worker(self.run, self.planners.values())


def close_worker_state() -> None:
    """Free the decoded photographs, for a process that continues with other work."""
    _worker_state.cache_clear()


@lru_cache(maxsize=1)
def _worker_state(root: str, fingerprint: str, form: str, photos: str, plugins: tuple[str, ...]) -> WorkerState:
    return WorkerState(root, photos, plugins)
