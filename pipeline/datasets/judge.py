"""Add a labelling of a finished dataset by a judge. Nothing is rendered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bappsmith.distortions.plugins import PluginPath, use_plugins
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import RECIPE_LABELS
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.relabel import activate as make_active
from bappsmith.manifests.relabel import add_labelling, check_name, judging
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.subset import Subset
from bappsmith.pipeline.judging.judge import Figures, Judge
from bappsmith.pipeline.judging.label import label
from bappsmith.pipeline.judging.registry import judge_source, make_judge
from bappsmith.pipeline.workers.carry import carry
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .judge_figures import measure_manifests, measure_shards


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
                measured = measure_shards(dataset, log, judge, subsets, pool, paths, report)
        else:
            measured = measure_manifests(judge, subsets, report)
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
    (figures,) = measure_manifests(judge, [subset], _no_progress)
    indices = range(len(subset))
    return label(judge, figures, subset.kind, indices, name=name, seed=subset.recipe.seed, subset=str(subset.path))


def _check(judge: Judge, subset: SealedSubset) -> None:
    recipe = next(one for one in subset.recipe.subsets if one.where == subset.path)
    chains = {chain for column in subset.columns("operators0", "operators1").values() for chain in column}
    judge.check(recipe, {name for chain in chains for name in chain.split("+") if name})


def _no_progress(done: int, total: int) -> None:
    """Report nothing."""
