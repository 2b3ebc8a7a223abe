"""Run a function over tasks on the workers of a Dask cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from bappsmith.manifests.errors import BappsmithError

from .requirements import check_threads

if TYPE_CHECKING:
    from distributed import Client, Future

_T = TypeVar("_T")
_R = TypeVar("_R")

TASKS_PER_THREAD = 16
"""Tasks in flight per worker thread: enough to keep workers busy, and few enough to keep the scheduler's memory flat
for any number of tasks."""
TRIES = 3
"""Number of tries of a task, unless it fails with a BappsmithError: file systems and networks may fail for a moment."""
LOST = "the Dask scheduler was lost; what is finished is kept: start it again and run the same command"
RECOUNT = 5.0
"""Seconds after which worker threads are counted again, because workers join and leave."""


def map_unordered(client: Client, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
    """Yield results in the order in which tasks finish.

    If the workers of a task died several times, the task is tried again alone at the end. This shows whether it kills
    workers, or only ran beside a task that does.

    Args:
        client: of the cluster.
        function: called with a task on a worker; a BappsmithError ends the run at once.
        tasks: small picklable objects; `str(task)` names them in errors.

    Raises:
        BappsmithError: a task raised it; the scheduler was lost; or tasks failed every time or killed their workers
            (this is raised after all other tasks are done).
    """
    from distributed import KilledWorker

    suspects: list[_T] = []
    failed: list[tuple[_T, str]] = []
    for task, outcome in _outcomes(client, function, tasks, 0):
        if isinstance(outcome, KilledWorker):
            suspects.append(task)
        elif isinstance(outcome, Exception):
            failed.append((task, _reason(outcome)))
        else:
            yield cast(_R, outcome)
    for suspect in suspects:
        for task, outcome in _outcomes(client, function, [suspect], 1):
            if isinstance(outcome, KilledWorker):
                failed.append((task, "it killed its worker several times (out of memory?)"))
            elif isinstance(outcome, Exception):
                failed.append((task, _reason(outcome)))
            else:
                yield cast(_R, outcome)
    if failed:
        names = "; ".join(f"{task}, {reason}" for task, reason in failed[:3])
        more = f", and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise BappsmithError(
            f"{len(failed)} of {len(tasks)} tasks failed: {names}{more}. All others are done and kept; run with "
            "--workers 1 to see the cause"
        )


def _outcomes(
    client: Client, function: Callable[[_T], _R], tasks: Sequence[_T], window: int
) -> Iterator[tuple[_T, _R | Exception]]:
    """Yield (task, result or exception).

    Args:
        client: of the cluster.
        function: called with a task on a worker.
        tasks: see `map_unordered`.
        window: number of tasks in flight; 0: `TASKS_PER_THREAD` per thread.
    """
    from concurrent.futures import CancelledError

    from distributed import as_completed

    waiting = iter(tasks)
    running: dict[Any, _T] = {}
    # Receive results with the queue: a request for each would cost a round trip.
    queue = as_completed(with_results=True, raise_errors=False)
    counted, in_flight = -RECOUNT, window
    while True:
        if not window and time.monotonic() - counted > RECOUNT:
            threads = cast("dict[str, int]", _ask(client, client.nthreads))
            in_flight, counted = TASKS_PER_THREAD * max(1, sum(threads.values())), time.monotonic()
        # Send a quarter at once: one message to the scheduler for many tasks.
        if len(running) <= in_flight * 3 // 4:
            batch = list(islice(waiting, in_flight - len(running)))
            send = partial(
                client.map, partial(_done_or_error, function), pure=False, retries=TRIES - 1, batch_size=None
            )
            futures = cast("list[Future[Any]]", _ask(client, send, batch))
            running |= {future.key: task for future, task in zip(futures, batch, strict=True)}
            queue.update(futures)
        if not running:
            return
        while not queue.has_ready():
            if client.status in ("closing", "closed"):
                raise BappsmithError(LOST)
            time.sleep(0.005)
        # What came counts. The future's status does not: it is "lost" as soon as the worker that had the result dies.
        future, outcome = cast("tuple[Future[Any], Any]", next(queue))
        task = running.pop(future.key)
        if isinstance(outcome, CancelledError):
            raise BappsmithError(LOST)
        if not isinstance(outcome, _Done):
            yield task, outcome[1]  # (type, exception, traceback)
        elif isinstance(outcome.result, BappsmithError):
            raise outcome.result
        else:
            yield task, outcome.result
        future.release()


def _ask(client: Client, call: Callable[..., Any], *arguments: Any) -> Any:
    """Call a method of the client. If the scheduler was lost just before, it raises one of several errors."""
    try:
        return call(*arguments)
    except Exception as error:
        if isinstance(error, OSError) or client.status in ("closing", "closed"):
            raise BappsmithError(LOST) from error
        raise


def _reason(error: Exception) -> str:
    """Return the exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


@dataclass(frozen=True)
class _Done:
    """What a task returned, apart from what Dask has to say of a task that raised."""

    result: Any


def _done_or_error(function: Callable[[_T], _R], task: _T) -> _Done:
    """Run a task on a worker. Return a BappsmithError as a value: Dask would log a raised one with its traceback."""
    from distributed import get_worker

    worker = get_worker()
    try:
        check_threads(worker.address, worker.state.nthreads)  # the worker may have joined after the check of the others
        return _Done(function(task))
    except BappsmithError as error:
        return _Done(error)
