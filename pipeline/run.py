"""Making a dataset: serial and Dask run the same shard function."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import cv2

from ..distortions.registry import load_plugin
from ..manifests.errors import BappsmithError
from ..manifests.ledger import CARD, CROISSANT, RECIPE, SEAL, SOURCES, Ledger
from ..manifests.place import WORK, is_address
from ..manifests.recipe import Recipe
from ..manifests.run import Run
from ..manifests.storage import FORMS, Form, Storage
from .card import dataset_card
from .plan import Planner
from .provenance import check_banks, operator_sources, pixel_versions
from .shard import Finished, ShardTask, close_workshop, make_shard, shard_count
from .sources import SourceIndex, index_sources, place_to_seal

if TYPE_CHECKING:
    from distributed import Client

_T = TypeVar("_T")
_R = TypeVar("_R")

Progress = Callable[[str, int, int], None]
"""Called with (what is counted: "photographs" or "items", done, total)."""

SHARDS_PER_THREAD = 4
"""Shards in flight per thread of the workers: enough to keep them busy, few enough to stay flat in memory."""
SCHEDULER_TIMEOUT = 10.0
"""Seconds to wait for the answer of a scheduler that was named."""


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
            and the photographs under the same paths.
        plugins: files with operators of your own, and folders of banks.
        form: how items are stored: "folders" (BAPPS), "tar" (WebDataset) or "packed", see `storage`.
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
    if workers > 1 and scheduler is not None:
        raise BappsmithError(
            "give either workers (processes to start here) or scheduler (which has workers of its own), not both"
        )
    recipe = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe)
    if photos is not None:
        recipe = recipe.model_copy(
            update={"sources": recipe.sources.model_copy(update={"path": str(photos)})}
        )
    files = tuple(str(Path(plugin).resolve()) for plugin in plugins)
    for plugin in files:
        load_plugin(plugin)
    report = progress or _silent
    sources = index_sources(recipe.sources, lambda done, total: report("photographs", done, total))
    # An impossible recipe is refused here, before anything is written.
    planners = [Planner(recipe, subset, sources.photographs) for subset in recipe.subsets]
    check_banks(planners)
    if sources.holds(out):
        raise BappsmithError(
            f"{out} lies inside the folder of the photographs ({sources.root}), where its own images would become "
            "photographs; choose another folder for --out"
        )
    out = str(out) if is_address(out) else str(Path(out).resolve())
    place = place_to_seal(recipe.sources.path)
    recipe = recipe.model_copy(update={"sources": recipe.sources.model_copy(update={"path": place})})
    run = Run(recipe, sources.photographs, operator_sources(planners), pixel_versions(planners), form)
    ledger = Ledger(out)
    try:
        with ledger.writing(run):
            return _make(ledger, run, sources, files, workers, scheduler, report)
    except OSError as error:
        raise BappsmithError(f"cannot write to {out}: {error.strerror or error}") from error


def _make(
    ledger: Ledger,
    run: Run,
    sources: SourceIndex,
    plugins: tuple[str, ...],
    workers: int,
    scheduler: str | None,
    report: Progress,
) -> Made:
    shards = {subset.where: shard_count(subset.count) for subset in run.recipe.subsets}
    counts = {subset.where: subset.count for subset in run.recipe.subsets}
    total = sum(counts.values())
    if ledger.sealed:
        return Made(ledger.root, total, 0, sources)
    photos, fingerprint = sources.root, run.fingerprint()
    stored = [ledger.storage(run, subset.where) for subset in run.recipe.subsets]
    for one in stored:
        one.begin()
    tasks = []
    for where, shard_total in shards.items():
        tasks += [
            ShardTask(ledger.root, fingerprint, photos, plugins, str(where), n) for n in range(shard_total)
        ]
    done = made = 0
    report("items", 0, total)
    for finished in _results(tasks, workers, scheduler):
        done += finished.items
        made += finished.items if finished.made else 0
        report("items", done, total)
    _refuse_strangers(ledger, stored)
    ledger.seal(run, shards, dataset_card(run, [reason for _, reason in sources.skipped]))
    return Made(ledger.root, total, made, sources)


def _results(tasks: Sequence[ShardTask], workers: int, scheduler: str | None) -> Iterator[Finished]:
    """Make the shards; yields each as it is finished."""
    if scheduler is None and workers == 1:
        with _process_as_it_was():
            yield from map(make_shard, tasks)
    else:
        with local_client(workers) if scheduler is None else remote_client(scheduler) as client:
            yield from on_workers(client, make_shard, tasks)


def on_workers(client: Client, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
    """Results as they come; a bounded number of tasks is in flight, so that the scheduler's memory stays flat.

    Raises:
        BappsmithError: raised by a task, or a task killed its worker too often.
    """
    from distributed import KilledWorker, as_completed

    waiting = iter(tasks)
    threads = cast("dict[str, int]", client.nthreads())
    window = SHARDS_PER_THREAD * max(1, sum(threads.values()))
    running = as_completed(
        [client.submit(_done_or_error, function, task, pure=False) for task in islice(waiting, window)]
    )
    for future in running:
        try:
            result = future.result()
        except KilledWorker as error:
            raise BappsmithError(
                "a task killed its worker again and again (out of memory?); give workers more memory, or run with "
                "--workers 1 to see the cause. What is finished is kept"
            ) from error
        if isinstance(result, BappsmithError):
            raise result
        yield result
        future.release()
        for task in islice(waiting, 1):
            running.add(client.submit(_done_or_error, function, task, pure=False))


def _done_or_error(function: Callable[[_T], _R], task: _T) -> _R | BappsmithError:
    """A worker hands an error for the user back as a value: raised there, it would be logged with its traceback."""
    try:
        return function(task)
    except BappsmithError as error:
        return error


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """A client of a cluster of local processes with one thread each, which ends with it."""
    import dask.config
    from distributed import Client, LocalCluster

    # Dask has its workers hand every freed page back to the system at once; taking them anew costs networks and
    # images a third of their time.
    spawned = {
        name: value
        for name, value in dask.config.get("distributed.nanny.pre-spawn-environ").items()
        if not name.startswith("MALLOC_")
    }
    # A local cluster leaves OMP_NUM_THREADS and others behind in this process; training in it would
    # then run on one thread.
    before = dict(os.environ)
    try:
        with (
            _ctrl_c_is_for_this_process(),
            dask.config.set({"distributed.nanny.pre-spawn-environ": spawned}),
        ):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=":0",  # the usual port may be that of another run
                silence_logs=logging.ERROR,  # that tasks are cancelled when a run is stopped is no news
            )
        with cluster, Client(cluster) as client:
            yield client
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _ctrl_c_is_for_this_process() -> Iterator[None]:
    """Processes started meanwhile ignore Ctrl-C: this one stops them, and they print no tracebacks of their own."""
    if threading.current_thread() is not threading.main_thread():  # only there signals can be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def remote_client(scheduler: str) -> Iterator[Client]:
    """A client of a running scheduler that has workers.

    Raises:
        BappsmithError: there is none at that address.
    """
    from distributed import Client

    try:
        client = Client(scheduler, timeout=SCHEDULER_TIMEOUT)
    except (OSError, ValueError) as error:
        raise BappsmithError(
            f"no Dask scheduler answers at '{scheduler}' ({error}); expected an address such as "
            "tcp://HOST:8786 of a running `dask scheduler`"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=SCHEDULER_TIMEOUT)
        except TimeoutError as error:
            raise BappsmithError(
                f"the Dask scheduler at '{scheduler}' has no workers; start some with `dask worker {scheduler}`"
            ) from error
        yield client


@contextmanager
def _process_as_it_was() -> Iterator[None]:
    """Making shards holds OpenCV to one thread and keeps photographs in memory; undo both."""
    before = cv2.getNumThreads()
    try:
        yield
    finally:
        cv2.setNumThreads(before)
        close_workshop()


def _refuse_strangers(ledger: Ledger, stored: Sequence[Storage]) -> None:
    """At the end the dataset holds what belongs there and nothing else; a manifest may be there from a killed run."""
    for name in ledger.place.files():
        top = name.split("/")[0]
        if top in (WORK, "manifest") or name in (SEAL, CARD, RECIPE, SOURCES, CROISSANT):
            continue
        if not any(one.owns(name) for one in stored):
            raise BappsmithError(f"{ledger.root} holds a file that is not of this dataset: {name}; remove it")


def _silent(what: str, done: int, total: int) -> None:
    """Progress that nobody asked for."""
