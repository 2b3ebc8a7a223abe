"""Say what a run of `generate` would make, how large, and how long it takes. Nothing is written."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import cv2

from bappsmith.manifests.forms.form import Form
from bappsmith.manifests.forms.item import SHARD, StoredItem, digests
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import flat_name
from bappsmith.pipeline.planning.plan import Planner, usable_split
from bappsmith.pipeline.rendering.render import render
from bappsmith.pipeline.sources.decoded import DecodedPhotographs
from bappsmith.pipeline.sources.index import SourceIndex
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .generate import Prepared, Progress, prepare
from .shard import judge_planned, shard_count, shard_indices, to_item

PLANNED = 2000
"""Items per subset, at most, whose plan is drawn to count operators."""
_PHOTOGRAPHS, _TURNS = 8, 8
"""Photographs that are decoded for the estimate, and items that are rendered of each, per subset."""
_TAR_BLOCK = 512
"""Bytes. In a tar file, each member has a header of one block, and ends at a whole block."""


@dataclass(frozen=True)
class SubsetEstimate:
    """One subset of a dry run.

    Attributes:
        path: such as 2afc/train/traditional.
        items: number of triplets or pairs.
        done: of these, how many the destination holds.
        photographs: number of photographs that it draws from.
        judge: name of its judge.
        planned: number of items whose plan was drawn.
        operators: name → how often it is applied in the whole subset; estimated from the planned items.
        bytes: of all images and judgments; estimated.
        seconds: of one core for the items that are missing, without writing them; estimated.
    """

    path: str
    items: int
    done: int
    photographs: int
    judge: str
    planned: int
    operators: dict[str, int]
    bytes: int
    seconds: float


@dataclass(frozen=True)
class DryRun:
    """What a run would make.

    Attributes:
        root: the destination.
        finished: whether it holds the finished dataset.
        subsets: in the order of the recipe.
        photographs: "train", "val" and "too small" → number of photographs.
        sources: the photographs, with the names of those that are skipped.
        index_seconds: that reading the photographs took here.
        cores: of this machine that the workers use.
    """

    root: str
    finished: bool
    subsets: tuple[SubsetEstimate, ...]
    photographs: dict[str, int]
    sources: SourceIndex
    index_seconds: float
    cores: int

    @property
    def seconds(self) -> float:
        """Time to make what is missing on these cores, without writing it; estimated."""
        return sum(subset.seconds for subset in self.subsets) / self.cores

    def operators(self) -> dict[str, int]:
        """Return name → how often it is applied in the whole dataset, the most frequent first."""
        total: Counter[str] = Counter()
        for subset in self.subsets:
            total.update(subset.operators)
        return dict(total.most_common())

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, with the sums."""
        sums = {name: sum(getattr(subset, name) for subset in self.subsets) for name in ("items", "done", "bytes")}
        return {
            "dataset": self.root,
            "finished": self.finished,
            **sums,
            "seconds": self.seconds,
            "cores": self.cores,
            "photographs": {**self.photographs, "skipped": len(self.sources.skipped)},
            "index_seconds": self.index_seconds,
            "operators": self.operators(),
            "subsets": [asdict(subset) for subset in self.subsets],
        }


def dry_run(
    recipe: Recipe | str | Path,
    out: str | Path,
    *,
    photos: str | Path | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
    plugins: Sequence[str | Path] = (),
    form: Form = "folders",
    progress: Progress | None = None,
) -> DryRun:
    """Plan a dataset without making it, and estimate bytes and time from a few items that are rendered in memory.

    The photographs are read once, as a run does first. A scheduler or cluster is not connected to.

    Args:
        recipe: as for `generate`, like all other arguments.
        out: see `generate`.
        photos: see `generate`.
        workers: see `generate`.
        scheduler: see `generate`.
        cluster: see `generate`.
        plugins: see `generate`.
        form: see `generate`.
        progress: see `generate`.

    Raises:
        BappsmithError: `generate` would refuse this before it writes anything, or an item cannot be made.
    """
    client = choose_client(workers, scheduler, cluster)
    report = progress or (lambda what, done, total: None)
    start = perf_counter()
    with WorkerPool(client if workers > 1 else None) as pool:
        prepared = prepare(recipe, out, pool, photos=photos, plugins=plugins, form=form, progress=report)
    seconds = perf_counter() - start
    log, run = prepared.log, prepared.run
    log.refuse_misfit(run.work_parts())
    photographs = DecodedPhotographs(prepared.sources)
    subsets: list[SubsetEstimate] = []
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for planner in prepared.planners:
            report("subsets", len(subsets), len(prepared.planners))
            subsets.append(_subset(prepared, planner, photographs))
        report("subsets", len(subsets), len(prepared.planners))
    finally:
        cv2.setNumThreads(threads)
    split = usable_split(run.recipe, run.photographs)
    large = {photo.name for usable in split.values() for photo in usable}
    counts = {
        **{str(name): len(usable) for name, usable in split.items()},
        "too small": len(run.photographs) - len(large),
    }
    cores = min(workers, os.cpu_count() or 1)
    return DryRun(log.root, log.finished, tuple(subsets), counts, prepared.sources, seconds, cores)


def _subset(prepared: Prepared, planner: Planner, photographs: DecodedPhotographs) -> SubsetEstimate:
    subset = planner.subset
    count = subset.count
    done = _done(prepared, subset.where, count)
    step = max(1, count // PLANNED)
    plans = [planner.plan(index) for index in range(0, count, step)[:PLANNED]]
    drawn = Counter(name for plan in plans for chain in (plan.chain0, plan.chain1) for name in chain.names)
    size, seconds = _measure(prepared, planner, photographs, count - done)
    return SubsetEstimate(
        path=subset.path,
        items=count,
        done=done,
        photographs=len(planner.photographs),
        judge=planner.judge.name,
        planned=len(plans),
        operators={name: round(times * count / len(plans)) for name, times in drawn.most_common()},
        bytes=round(size * count),
        seconds=seconds,
    )


def _done(prepared: Prepared, where: SubsetPath, count: int) -> int:
    """Return the number of items that the destination holds."""
    if prepared.log.finished:
        return count
    return sum(len(shard_indices(count, shard)) for shard in prepared.log.done(flat_name(where)))


def _measure(
    prepared: Prepared, planner: Planner, photographs: DecodedPhotographs, missing: int
) -> tuple[float, float]:
    """Make a few items of the first shard in memory.

    Returns:
        Bytes per item, and seconds of one core for all that are missing.
    """
    form = prepared.run.form
    encoded = next(s.encoded for s, p in zip(prepared.storages, prepared.planners, strict=True) if p is planner)
    per_shard = planner.photographs_per_shard
    indices = [turn * per_shard + photo for turn in range(_TURNS) for photo in range(min(_PHOTOGRAPHS, per_shard))]
    records = [planner.plan(index) for index in indices if index < min(SHARD, planner.subset.count)]
    names = {record.photo for record in records}
    start = process_time()
    for name in names:
        photographs.read(name)
    decoding = (process_time() - start) / len(names)

    def make() -> list[StoredItem]:
        rendered = render(records, photographs.read)
        shares = judge_planned(planner, records, rendered).shares
        items = [
            to_item(record.index, float(share), result, encoded)
            for record, share, result in zip(records, shares, rendered, strict=True)
        ]
        for item in items:
            digests(item)
        return items

    make()  # imports libraries and loads networks
    start = process_time()
    items = make()
    making = (process_time() - start) / len(items)
    size = sum(_size(item, form) for item in items) / len(items)
    return size, missing * making + shard_count(missing) * per_shard * decoding


def _size(item: StoredItem, form: str) -> int:
    """Return the bytes that an item takes in a form."""
    parts = [len(data) for data in item.images.values()] or [image.nbytes for image in item.pixels.values()]
    parts.append(len(item.label or b""))
    if form == "tar":
        return sum(_TAR_BLOCK * (1 + math.ceil(part / _TAR_BLOCK)) for part in parts)
    return sum(parts)
