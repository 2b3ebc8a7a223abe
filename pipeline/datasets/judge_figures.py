"""Measure the figures by which a judge judges the items of a dataset.

In one process, a judge that reads no pixels judges from the manifest. Otherwise workers measure shard by shard, and the
work log keeps their figures, so that a killed run goes on. The process that started makes the judgments of all figures
at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from bappsmith.distortions.plugins import use_plugins
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.open import location
from bappsmith.manifests.table import flat_name
from bappsmith.pipeline.judging.judge import Figures, Judge
from bappsmith.pipeline.judging.judged_items import Images, JudgedItems, not_needed
from bappsmith.pipeline.judging.label import measure
from bappsmith.pipeline.judging.registry import judge_source, make_judge
from bappsmith.pipeline.shard import shard_count, shard_indices
from bappsmith.pipeline.workers.carry import LocalPlugins
from bappsmith.pipeline.workers.pool import WorkerPool

_COLUMNS = ("index", "severity0", "severity1", "operators0", "operators1")


@dataclass(frozen=True, slots=True)
class MeasureTask:
    """All that a worker receives to measure one shard.

    Attributes:
        root: folder or address of the dataset.
        fingerprint: of the dataset, so that a worker does not reuse another dataset that was in the same place.
        form: of the dataset, for the same reason; it is not part of the fingerprint.
        subset: path of the subset.
        shard: number of the shard in the subset, from 0.
        judge: the judge as JSON text.
        source: what `judge_source` gives for it.
        plugins: paths of plugin files.
    """

    root: str
    fingerprint: str
    form: str
    subset: str
    shard: int
    judge: str
    source: str | None
    plugins: tuple[str, ...]

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.subset}"


def measure_manifests(
    judge: Judge, subsets: Sequence[SealedSubset], report: Callable[[int, int], None]
) -> list[Figures]:
    """Measure all items from the manifest, in this process; a subset's figures each."""
    total, done = sum(len(subset) for subset in subsets), 0
    measured: list[Figures] = []
    for subset in subsets:
        parts: list[Figures] = []
        for columns in _column_batches(subset, judge):
            parts.append(measure(judge, _items(subset, judge, columns, not_needed("pixels"))))
            done += len(columns["index"])
            report(done, total)
        measured.append(_joined(parts))
    return measured


def _column_batches(subset: SealedSubset, judge: Judge) -> Iterator[dict[str, Any]]:
    for batch in subset.batches(*_COLUMNS, *(("chain0", "chain1") if "chains" in judge.reads else ())):
        yield batch.to_pydict()


def measure_shards(
    dataset: Dataset,
    log: DatasetLog,
    judge: Judge,
    subsets: Sequence[SealedSubset],
    workers: WorkerPool,
    plugins: tuple[str, ...],
    report: Callable[[int, int], None],
) -> list[Figures]:
    """Measure every shard that the log does not have yet; return the figures of all, a subset's each."""
    root, seal = location(dataset.root), dataset.finished
    spec, source = judge.spec.model_dump_json(), judge_source(judge)
    total, done = sum(len(subset) for subset in subsets), 0
    tasks: list[MeasureTask] = []
    for subset in subsets:
        for shard in range(shard_count(len(subset))):
            items = len(shard_indices(len(subset), shard))
            if _read_figures(log, subset.path, shard, items) is None:
                tasks.append(
                    MeasureTask(root, seal.fingerprint, seal.form, str(subset.path), shard, spec, source, plugins)
                )
            else:
                done += items
    report(done, total)
    for items in workers.map_unordered(measure_shard, tasks):
        done += items
        report(done, total)
    measured: list[Figures] = []
    for subset in subsets:
        parts = [
            _read_figures(log, subset.path, shard, len(shard_indices(len(subset), shard)))
            for shard in range(shard_count(len(subset)))
        ]
        missing = [shard for shard, part in enumerate(parts) if part is None]
        if missing:
            raise BappsmithError(
                f"{dataset.root}: shard {missing[0]} of {subset.path} was not measured; run this again"
            )
        measured.append(_joined([part for part in parts if part is not None]))
    return measured


def measure_shard(task: MeasureTask) -> int:
    """Measure the items of one shard, and enter the figures into the work log. Return the number of items.

    Raises:
        BappsmithError: this process has another judge, lacks a library that it needs, or an item cannot be read.
    """
    cv2.setNumThreads(1)
    dataset, log, judge = _worker_state(task.root, task.fingerprint, task.form, task.judge, task.source, task.plugins)
    subset = dataset.sealed(task.subset)
    indices = list(shard_indices(len(subset), task.shard))
    rows = subset.take_columns(indices)
    columns = {key: [row[key] for row in rows] for key in (*_COLUMNS, "chain0", "chain1")}
    figures = measure(judge, _items(subset, judge, columns, partial(_read_images, subset, indices)))
    data = {key: np.ascontiguousarray(values, np.float64) for key, values in figures.items()}
    log.record(_group(subset.path), task.shard, "safetensors", save(data))
    return len(indices)


@lru_cache(maxsize=1)
def _worker_state(
    root: str, fingerprint: str, form: str, judge: str, source: str | None, plugins: tuple[str, ...]
) -> tuple[Dataset, DatasetLog, Judge]:
    log = DatasetLog(root)
    local = LocalPlugins(plugins, log.store)
    use_plugins(local.plugins)
    made = make_judge(JudgeSpec.model_validate_json(judge))
    if judge_source(made) != source:
        raise BappsmithError(
            f"a worker has another file of judge {made.name} than the process that started; give the same file to all"
        )
    return Dataset(root), log, made


def _items(
    subset: SealedSubset, judge: Judge, columns: dict[str, list[Any]], images: Callable[[], Images]
) -> JudgedItems:
    indices = columns["index"]

    def chains() -> list[Any]:
        rows = zip(indices, columns["chain0"], columns["chain1"], strict=True)
        return subset.chains([{"index": i, "chain0": first, "chain1": second} for i, first, second in rows])

    return JudgedItems(
        subset.kind,
        subset.patch,
        np.array([columns["severity0"], columns["severity1"]], np.float64).T,
        list(zip(columns["operators0"], columns["operators1"], strict=True)),
        chains if "chains" in judge.reads else not_needed("chains"),
        images if "pixels" in judge.reads else not_needed("pixels"),
        partial(_answers, subset, indices) if "answers" in judge.reads else not_needed("answers"),
    )


def _read_images(subset: SealedSubset, indices: list[int]) -> Images:
    images = [subset.decode(item) for item in subset.storage.read(indices)]
    return {folder: np.stack([one[folder] for one in images]) for folder in subset.folders}


def _answers(subset: SealedSubset, indices: list[int], name: str) -> Labelling:
    return subset.take_labels(name, indices)


def _joined(parts: Sequence[Figures]) -> Figures:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _group(subset: SubsetPath) -> str:
    return f"figures-{flat_name(subset)}"


def _read_figures(log: DatasetLog, subset: SubsetPath, shard: int, items: int) -> dict[str, NDArray[np.float64]] | None:
    """Read the figures of a shard; None if they are missing or damaged."""
    try:
        figures = load(log.store.read(log.entry(_group(subset), shard, "safetensors")))
    except (OSError, SafetensorError):
        return None
    return figures if all(len(values) == items for values in figures.values()) else None
