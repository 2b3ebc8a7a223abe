"""Make a dataset. This process and the workers of a cluster run the same function for each shard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2

from bappsmith.distortions.plugins import PluginPath, foreign_sources, use_plugins
from bappsmith.manifests.dataset_log import CARD, CROISSANT, RECIPE, DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form, Storage
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.seal import SEAL, SOURCES
from bappsmith.manifests.store.open import location
from bappsmith.manifests.store.store import WORK
from bappsmith.pipeline.planning.chains import subset_chains
from bappsmith.pipeline.planning.judgeable import with_judges
from bappsmith.pipeline.planning.plan import Planner, check_frames
from bappsmith.pipeline.planning.provenance import bank_photographs, check_banks, foreign_parts, pixel_versions
from bappsmith.pipeline.planning.terms import with_names
from bappsmith.pipeline.reports.card import dataset_card
from bappsmith.pipeline.sources.cache import PhotographCache, read_cache, read_listing, update_cache
from bappsmith.pipeline.sources.find import PhotographFiles, find_photographs, path_to_seal
from bappsmith.pipeline.sources.index import SourceIndex, index_photographs
from bappsmith.pipeline.workers.carry import carry
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .shard import ShardTask, close_worker_state, make_shard, shard_count

PHOTOGRAPHS = f"{WORK}/photographs.jsonl"
"""File that keeps the index of the photographs while a dataset is made; see `sources.cache`."""
Progress = Callable[[str, int, int], None]
"""Called with (what is counted: "photographs" or "items", done, total)."""


@dataclass(frozen=True)
class GenerateResult:
    """The dataset that `generate` made or finished.

    Attributes:
        root: the dataset's folder or address.
        items: number of triplets and pairs in it.
        new_items: number of these that this call made; earlier calls made the others.
        sources: the photographs, with the names of those that were skipped.
    """

    root: str
    items: int
    new_items: int
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
) -> GenerateResult:
    """Make a dataset, or finish one that was interrupted.

    The result is byte-identical for any number of workers and any interruption, with the same
    library versions on the same kind of processor.

    Args:
        recipe: a recipe, the path of one, or the name of one that ships.
        out: the dataset's folder, or an address that fsspec knows: new, empty, or begun by an equal run.
        photos: a folder, a glob, `samples` or such an address, in place of the recipe's `sources.path`.
        workers: processes with one thread each; with 1, this process does the work. In a script, put the call under
            `if __name__ == "__main__":` if there is more than one.
        scheduler: address of a running Dask scheduler, in place of `workers`. Its workers must see `out` and the
            photographs under the same paths or addresses.
        cluster: file that describes a cluster, in place of `workers`; see `cluster_file.ClusterFile`.
        plugins: files with your own operators, and folders of banks (`NAME=FOLDER` if there are several); see
            `load_plugin`.
        form: how items are stored: "folders" (BAPPS), "tar" (WebDataset), "packed" or "parquet"; see `manifests.forms`.
        progress: see `Progress`.

    Returns:
        Where the dataset is, its size, and its photographs.

    Raises:
        BappsmithError: an argument is invalid, the recipe cannot be made from these photographs, `out` holds another
            dataset, or work failed; the message says which. No unfinished file can pass for a finished one.

    Examples:
        >>> import bappsmith
        >>> wanted = {"path": "2afc/train/tiny", "triplets": 3}
        >>> recipe = bappsmith.Recipe.from_dict({"name": "tiny", "subsets": [wanted]})
        >>> made = bappsmith.generate(recipe, "tiny")  # of the photographs inside scikit-image
        >>> made.items, made.new_items
        (3, 3)
        >>> bappsmith.generate(recipe, "tiny").new_items  # nothing is left to do
        0
    """
    report = progress or _no_progress
    with WorkerPool(choose_client(workers, scheduler, cluster)) as pool:
        prepared = prepare(recipe, out, pool, photos=photos, plugins=plugins, form=form, progress=report)
        log, run, sources = prepared.log, prepared.run, prepared.sources
        try:
            with log.making(run):
                if log.finished:
                    return GenerateResult(log.root, prepared.total, 0, sources)
                stamps = prepared.photographs.stamps
                update_cache(log.store, PHOTOGRAPHS, prepared.cache, sources.photographs, stamps)
                if scheduler is not None or cluster is not None:
                    carry(prepared.plugins, log.store)
                return _make(prepared, pool, report)
        except OSError as error:
            raise BappsmithError(f"cannot write to {out}: {error.strerror or error}") from error


@dataclass(frozen=True)
class Prepared:
    """A dataset that can be made: everything that can be refused before anything is written was checked.

    Attributes:
        log: of the dataset's folder or address.
        run: what it is made from.
        storages: of the subsets, in the order of the recipe.
        planners: of the subsets, in the order of the recipe.
        photographs: the files of the photographs.
        sources: their index.
        cache: the index of an earlier run.
        plugins: absolute paths.
    """

    log: DatasetLog
    run: Run
    storages: tuple[Storage, ...]
    planners: tuple[Planner, ...]
    photographs: PhotographFiles
    sources: SourceIndex
    cache: PhotographCache
    plugins: tuple[str, ...]

    @property
    def total(self) -> int:
        """Number of triplets and pairs."""
        return sum(subset.count for subset in self.run.recipe.subsets)


def prepare(
    recipe: Recipe | str | Path,
    out: str | Path,
    pool: WorkerPool,
    *,
    photos: str | Path | None,
    plugins: Sequence[str | Path],
    form: Form,
    progress: Progress,
) -> Prepared:
    """Check all that can be refused, and index the photographs. Nothing is written.

    Args:
        recipe: see `generate`, as are `out`, `photos`, `plugins` and `form`.
        out: see `generate`.
        pool: workers that index the photographs.
        photos: see `generate`.
        plugins: see `generate`.
        form: see `generate`.
        progress: see `Progress`.

    Raises:
        BappsmithError: see `generate`.
    """
    if form not in FORMS:
        raise BappsmithError(f"form must be one of {', '.join(FORMS)}; found '{form}'")
    recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
    if photos is not None:
        recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": str(photos)})})
    plugin_paths = tuple(str(PluginPath.parse(plugin).resolve()) for plugin in plugins)
    use_plugins(plugin_paths)
    # Refuse what can be refused without photographs before the first one is read.
    foreign_sources({name for subset in recipe.subsets for name in subset_chains(subset).names})
    for subset in recipe.subsets:
        check_frames(recipe, subset, subset_chains(subset).names)
    recipe = with_judges(with_names(recipe))  # a family or a default may change later; what the dataset seals stays
    photographs = find_photographs(recipe.sources.path)
    if photographs.would_take_in(out):
        raise BappsmithError(
            f"{out} lies inside the folder of the photographs ({photographs.root}), so the next run would read its "
            "images as photographs; choose another folder for --out"
        )
    log = DatasetLog(out)
    storages = tuple(log.storage(recipe, form, subset.where) for subset in recipe.subsets)
    cache = read_listing(log.store, SOURCES) if log.finished else read_cache(log.store, PHOTOGRAPHS)
    sources = index_photographs(
        photographs, recipe.sources, pool, cache, lambda done, total: progress("photographs", done, total)
    )
    planners = tuple(Planner(recipe, subset, sources.photographs) for subset in recipe.subsets)
    check_banks(planners)
    path = path_to_seal(recipe.sources.path)
    run = Run(
        recipe=recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": path})}),
        photographs=sources.photographs,
        plugins=foreign_parts(planners),
        versions=pixel_versions(planners),
        form=form,
        bank_photographs=bank_photographs(planners),
    )
    return Prepared(log, run, storages, planners, photographs, sources, cache, plugin_paths)


def _make(prepared: Prepared, pool: WorkerPool, report: Progress) -> GenerateResult:
    log, run, sources = prepared.log, prepared.run, prepared.sources
    shards = {subset.where: shard_count(subset.count) for subset in run.recipe.subsets}
    root = location(log.root)
    photos, fingerprint = sources.root, run.fingerprint()
    for storage in prepared.storages:
        storage.begin()
    tasks = []
    for where, shard_total in shards.items():
        tasks += [
            ShardTask(root, fingerprint, run.form, photos, prepared.plugins, str(where), n) for n in range(shard_total)
        ]
    done = new_items = 0
    report("items", 0, prepared.total)
    with _restored_process_settings():
        for shard in pool.map_unordered(make_shard, tasks):
            done += shard.items
            new_items += shard.items if shard.new else 0
            report("items", done, prepared.total)
    _refuse_foreign_files(log, prepared.storages)
    log.seal(run, dataset_card(run, [reason for _, reason in sources.skipped]))
    return GenerateResult(log.root, prepared.total, new_items, sources)


@contextmanager
def _restored_process_settings() -> Iterator[None]:
    """Undo what `make_shard` does to this process: OpenCV with one thread, and photographs in memory."""
    before = cv2.getNumThreads()
    try:
        yield
    finally:
        cv2.setNumThreads(before)
        close_worker_state()


def _refuse_foreign_files(log: DatasetLog, storages: Sequence[Storage]) -> None:
    """Refuse files that do not belong to the dataset. Manifests and labels may remain from a killed run."""
    for name in log.store.files():
        top = name.split("/")[0]
        if top in (WORK, "manifest", "labels") or name in (SEAL, CARD, RECIPE, SOURCES, CROISSANT):
            continue
        if not any(storage.owns(name) for storage in storages):
            raise BappsmithError(f"{log.root} holds a file that is not part of this dataset: {name}; remove it")


def _no_progress(what: str, done: int, total: int) -> None:
    """Report nothing."""
