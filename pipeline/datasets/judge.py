"""Add a labelling of a finished dataset by a judge. Nothing is rendered.

In one process, a judge that reads no pixels judges from the manifest. Otherwise workers measure shard by shard, and the
work log keeps their figures, so that a killed run goes on. This process makes the judgments of all figures at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from bappsmith.distortions.plugins import PluginPath, use_plugins
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import RECIPE_LABELS, DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.relabel import activate as make_active
from bappsmith.manifests.relabel import add_labelling, check_name, judging
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.open import location
from bappsmith.manifests.subset import Subset
from bappsmith.manifests.table import flat_name
from bappsmith.pipeline.judging.judge import Figures, Judge
from bappsmith.pipeline.judging.judged_items import Images, JudgedItems, not_needed
from bappsmith.pipeline.judging.label import label, measure
from bappsmith.pipeline.judging.registry import judge_source, make_judge
from bappsmith.pipeline.shard import shard_count, shard_indices
from bappsmith.pipeline.workers.carry import LocalPlugins, carry
from bappsmith.pipeline.workers.clusters import choose_client
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


def judge_dataset(
    root: str | Path,
    spec: JudgeSpec,
    name: str,
    *,
    activate: bool = False,
    plugins: Sequence[str | Path] = (),
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
) -> None:
    """Judge all items that the judge can judge, and store the labelling beside the others.

    Subsets of a kind that the judge cannot judge keep the recipe's judgments. The result is the same for any number of
    workers and any interruption.

    Args:
        root: folder or address of a finished dataset.
        spec: the judge, as in a recipe.
        name: of the new labelling.
        activate: whether to write the labelling to `judge/` and `same/`, which BAPPS readers use.
        plugins: files with judges, and with the operators of the dataset that the judge must know.
        progress: called with (items done, items in all).
        workers: processes with one thread each; with 1, this process does the work.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.

    Raises:
        BappsmithError: the dataset is not finished, the name is in use or invalid, the judge is unknown or cannot judge
            what the dataset holds, it asks for a labelling that is missing, or another labelling was begun.
    """
    pool = WorkerPool(choose_client(workers, scheduler, cluster))
    paths = tuple(str(PluginPath.parse(plugin).resolve()) for plugin in plugins)
    use_plugins(paths)
    judge = make_judge(spec)
    dataset = Dataset(root)
    check_name(dataset, name, judge.name)
    subsets = [subset for subset in dataset.subsets() if subset.kind in judge.able]
    if not subsets:
        kinds = " or ".join(judge.able)
        raise BappsmithError(f"{root} has no {kinds} subset; judge '{judge.name}' needs one, use another judge")
    for subset in subsets:
        _check(judge, subset)
        for asked in sorted(judge.asks):
            subset.labels(asked)
    total = sum(len(subset) for subset in subsets)
    report = progress or _no_progress
    facts = {"judge": judge.spec.model_dump(mode="json"), "source": judge_source(judge)}
    with pool:
        if "pixels" in judge.reads or pool.distributed:
            with judging(dataset, name, facts) as log:
                carry(paths, log.store)
                measured = _measure_shards(dataset, log, judge, subsets, pool, paths, report)
        else:
            measured = _measure_manifests(judge, subsets, report)
        _add(dataset, judge, subsets, measured, name, facts)
        report(total, total)
        if activate:
            make_active(str(root), name, pool.map_unordered)


def _add(
    dataset: Dataset,
    judge: Judge,
    subsets: Sequence[SealedSubset],
    measured: Sequence[Figures],
    name: str,
    facts: dict[str, Any],
) -> None:
    """Judge by the figures of all items, and store the labelling."""
    seed = dataset.finished.recipe.seed
    labellings = {subset.path: subset.labels(RECIPE_LABELS) for subset in dataset.subsets()}
    for subset, figures in zip(subsets, measured, strict=True):
        labellings[subset.path] = label(
            judge, figures, subset.kind, range(len(subset)), name=name, seed=seed, subset=str(subset.path)
        )
    add_labelling(dataset, name, labellings, facts)


def judge_subset(subset: Subset, spec: JudgeSpec, name: str) -> Labelling:
    """Judge a subset from its manifest. Nothing is stored: give the result to `judged` of the subset.

    Args:
        subset: of a finished dataset.
        spec: the judge, as in a recipe.
        name: of the labelling.

    Raises:
        BappsmithError: the subset has no manifest, or the judge is unknown, cannot judge it, or reads pixels.
    """
    judge = make_judge(spec)
    if not isinstance(subset, SealedSubset):
        raise BappsmithError(
            f"{subset.root} has no manifest, from which judge '{judge.name}' could judge it; give a subset of a "
            "dataset that bappsmith made"
        )
    if subset.kind not in judge.able:
        raise BappsmithError(f"judge '{judge.name}' cannot judge {subset.root}, a {subset.kind} subset; use another")
    if "pixels" in judge.reads:
        raise BappsmithError(
            f"judge '{judge.name}' reads pixels; make its labelling with `bappsmith judge`, which keeps its figures"
        )
    _check(judge, subset)
    (figures,) = _measure_manifests(judge, [subset], _no_progress)
    indices = range(len(subset))
    return label(judge, figures, subset.kind, indices, name=name, seed=subset.recipe.seed, subset=str(subset.path))


def _check(judge: Judge, subset: SealedSubset) -> None:
    recipe = next(one for one in subset.recipe.subsets if one.where == subset.path)
    chains = {chain for column in subset.columns("operators0", "operators1").values() for chain in column}
    judge.check(recipe, {name for chain in chains for name in chain.split("+") if name})


def _measure_manifests(
    judge: Judge, subsets: Sequence[SealedSubset], report: Callable[[int, int], None]
) -> list[Figures]:
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


def _measure_shards(
    dataset: Dataset,
    log: DatasetLog,
    judge: Judge,
    subsets: Sequence[SealedSubset],
    workers: WorkerPool,
    plugins: tuple[str, ...],
    report: Callable[[int, int], None],
) -> list[Figures]:
    """Measure every shard that the log does not have yet, and return all figures."""
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


def _no_progress(done: int, total: int) -> None:
    """Report nothing."""
