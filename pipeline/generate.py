"""Making a dataset: serial and Dask run the same shard function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from bappsmith.distortions.plugins import PluginPath, foreign_sources, use_plugins
from bappsmith.manifests.dataset_log import CARD, CROISSANT, RECIPE, DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form, Storage
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.seal import SEAL, SOURCES
from bappsmith.manifests.store.open import is_address
from bappsmith.manifests.store.store import WORK
from bappsmith.pipeline.planning.chains import subset_chains
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.planning.provenance import bank_photographs, check_banks, operator_sources, pixel_versions
from bappsmith.pipeline.reports.card import dataset_card
from bappsmith.pipeline.sources.cache import read_cache, read_listing, update_cache
from bappsmith.pipeline.sources.find import find_photographs, place_to_seal
from bappsmith.pipeline.sources.index import SourceIndex, index_photographs
from bappsmith.pipeline.workers.carry import carry
from bappsmith.pipeline.workers.clusters import cluster_client, local_client, remote_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .shard import ShardTask, close_worker_state, make_shard, shard_count

if TYPE_CHECKING:
    from distributed import Client

PHOTOGRAPHS = f"{WORK}/photographs.jsonl"
"""How the photographs were indexed, while a dataset is made; see `sources.cache`."""
Progress = Callable[[str, int, int], None]
"""Called with (what is counted: "photographs" or "items", done, total)."""


@dataclass(frozen=True)
class Made:
    """What `generate` did.

    Attributes:
        root: the dataset's folder or address.
        items: number of triplets and pairs in it.
        made: number of these that this call made; the others were there.
        sources: the photographs, with those passed over.
    """

    root: str
    items: int
    made: int
    sources: SourceIndex


def generate(
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
) -> Made:
    """Make a dataset, or finish one that was interrupted.

    The result is byte-identical for any number of workers and any interruption, with the same
    library versions on the same kind of processor.

    Args:
        recipe: a recipe, the path of one, or the name of one that ships.
        out: the dataset's folder, or an address that fsspec knows: new, empty, or begun by an equal run.
        photos: a folder, a glob, `samples` or such an address, in place of the recipe's `sources.path`.
        workers: processes with one thread each; 1 works in this process. In a script, more than one
            needs the call to stand under `if __name__ == "__main__":`.
        scheduler: address of a running Dask scheduler, in place of `workers`. Its workers see `out`
            and the photographs under the same paths, or addresses.
        cluster: file that describes a cluster, see `cluster_file.ClusterFile`; likewise.
        plugins: files with operators of your own, and folders of banks, `NAME=FOLDER` where there are several; see
            `load_plugin`.
        form: how items are stored: "folders" (BAPPS), "tar" (WebDataset), "packed" or "parquet", see `storage`.
        progress: see `Progress`.

    Returns:
        What was made.

    Raises:
        BappsmithError: see the message; nothing half-made is left that could pass for whole.
    """
    if workers < 1:
        raise BappsmithError(f"workers is at least 1, found {workers}")
    if form not in FORMS:
        raise BappsmithError(f"form is {', '.join(FORMS)}; found '{form}'")
    if (workers > 1) + (scheduler is not None) + (cluster is not None) > 1:
        raise BappsmithError(
            "give one of workers (processes to start here), scheduler (which has workers of its own) and cluster (a file)"
        )
    recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
    if photos is not None:
        recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": str(photos)})})
    given = tuple(str(PluginPath.parse(plugin).resolve()) for plugin in plugins)
    use_plugins(given)
    report = progress or _silent
    # What can be refused without a photograph is refused before the first is read.
    chains = [subset_chains(subset) for subset in recipe.subsets]
    foreign_sources({name for one in chains for options in one.values() for chain in options for name in chain})
    photographs = find_photographs(recipe.sources.path)
    if photographs.would_take_in(out):
        raise BappsmithError(
            f"{out} lies inside the folder of the photographs ({photographs.root}), where its own images would become "
            "photographs; choose another folder for --out"
        )
    log = DatasetLog(out)
    stored = [log.storage(recipe, form, subset.where) for subset in recipe.subsets]
    cache = read_listing(log.store, SOURCES) if log.finished else read_cache(log.store, PHOTOGRAPHS)
    with WorkerPool(hire(workers, scheduler, cluster)) as pool:
        sources = index_photographs(
            photographs, recipe.sources, pool, cache, lambda done, total: report("photographs", done, total)
        )
        # What else is impossible is refused here, before anything is written.
        planners = [Planner(recipe, subset, sources.photographs) for subset in recipe.subsets]
        check_banks(planners)
        path = place_to_seal(recipe.sources.path)
        run = Run(
            recipe=recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": path})}),
            photographs=sources.photographs,
            plugins=operator_sources(planners),
            versions=pixel_versions(planners),
            form=form,
            bank_photographs=bank_photographs(planners),
        )
        try:
            with log.making(run):
                if log.finished:
                    return Made(log.root, sum(subset.count for subset in recipe.subsets), 0, sources)
                update_cache(log.store, PHOTOGRAPHS, cache, sources.photographs, photographs.stamps)
                if scheduler is not None or cluster is not None:
                    carry(given, log.store)
                return _make(log, run, stored, sources, given, pool, report)
        except OSError as error:
            raise BappsmithError(f"cannot write to {out}: {error.strerror or error}") from error


def _make(
    log: DatasetLog,
    run: Run,
    stored: Sequence[Storage],
    sources: SourceIndex,
    plugins: tuple[str, ...],
    pool: WorkerPool,
    report: Progress,
) -> Made:
    shards = {subset.where: shard_count(subset.count) for subset in run.recipe.subsets}
    total = sum(subset.count for subset in run.recipe.subsets)
    root = log.root if is_address(log.root) else str(Path(log.root).resolve())
    photos, fingerprint = sources.root, run.fingerprint()
    for one in stored:
        one.begin()
    tasks = []
    for where, shard_total in shards.items():
        tasks += [ShardTask(root, fingerprint, photos, plugins, str(where), n) for n in range(shard_total)]
    done = made = 0
    report("items", 0, total)
    with _process_as_it_was():
        for finished in pool.map_unordered(make_shard, tasks):
            done += finished.items
            made += finished.items if finished.made else 0
            report("items", done, total)
    _refuse_strangers(log, stored)
    log.seal(run, dataset_card(run, [reason for _, reason in sources.skipped]))
    return Made(log.root, total, made, sources)


def hire(workers: int, scheduler: str | None, cluster: str | Path | None) -> AbstractContextManager[Client] | None:
    """The workers asked for; None: this process does the work."""
    if scheduler is not None:
        return remote_client(scheduler)
    if cluster is not None:
        return cluster_client(cluster)
    return local_client(workers) if workers > 1 else None


@contextmanager
def _process_as_it_was() -> Iterator[None]:
    """Making shards here holds OpenCV to one thread and keeps photographs in memory; undo both."""
    before = cv2.getNumThreads()
    try:
        yield
    finally:
        cv2.setNumThreads(before)
        close_worker_state()


def _refuse_strangers(log: DatasetLog, stored: Sequence[Storage]) -> None:
    """At the end the dataset holds what belongs there and nothing else; a manifest may be there from a killed run."""
    for name in log.store.files():
        top = name.split("/")[0]
        if top in (WORK, "manifest", "labels") or name in (SEAL, CARD, RECIPE, SOURCES, CROISSANT):
            continue
        if not any(one.owns(name) for one in stored):
            raise BappsmithError(f"{log.root} holds a file that is not of this dataset: {name}; remove it")


def _silent(what: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""
