"""Work spread over the workers of a Dask cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
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
"""Tasks in flight per thread of the workers: enough to keep them busy, few enough for the scheduler's memory to stay
flat whatever there is to do."""
TRIES = 3
"""A task that fails, not by a fault of the user's, is tried so often: file systems and networks stumble."""
LOST = "the Dask scheduler was lost; what is finished is kept, start it again and run the same command"
RECOUNT = 5.0
"""Seconds after which threads are counted again: workers come and go."""


def map_unordered(client: Client, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
    """Results as they come.

    A task that was running when its worker died several times is set aside, and tried alone at the end: then it is known
    whether it kills workers, or was near one that does.

    Args:
        client: of the cluster.
        function: what to do with a task; a BappsmithError ends everything at once.
        tasks: small things to send.

    Raises:
        BappsmithError: raised by a task; tasks failed or killed their workers again and again, after all others were
            done; or the scheduler was lost.
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
                failed.append((task, "it killed its worker again and again (out of memory?)"))
            elif isinstance(outcome, Exception):
                failed.append((task, _reason(outcome)))
            else:
                yield cast(_R, outcome)
    if failed:
        names = "; ".join(f"{task}, {reason}" for task, reason in failed[:3])
        more = f", and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise BappsmithError(
            f"{len(failed)} of {len(tasks)} tasks could not be done: {names}{more}. All others are, and are kept; with "
            "--workers 1 the cause shows"
        )


def _outcomes(
    client: Client, function: Callable[[_T], _R], tasks: Sequence[_T], window: int
) -> Iterator[tuple[_T, _R | Exception]]:
    """(task, result or why there is none); `window` tasks are in flight, 0: as many as keep the workers busy."""
    from concurrent.futures import CancelledError

    from distributed import as_completed

    waiting = iter(tasks)
    running: dict[Any, _T] = {}
    # With results, for asking for each would cost a round trip.
    queue = as_completed(with_results=True, raise_errors=False)
    counted, wanted = -RECOUNT, window
    while True:
        if not window and time.monotonic() - counted > RECOUNT:
            threads = cast("dict[str, int]", _ask(client, client.nthreads))
            wanted, counted = TASKS_PER_THREAD * max(1, sum(threads.values())), time.monotonic()
        # A quarter of them at once: one message to the scheduler for many tasks.
        if len(running) <= wanted * 3 // 4:
            few = list(islice(waiting, wanted - len(running)))
            send = partial(
                client.map, partial(_done_or_error, function), pure=False, retries=TRIES - 1, batch_size=None
            )
            futures = cast("list[Future[Any]]", _ask(client, send, few))
            running |= {future.key: task for future, task in zip(futures, few, strict=True)}
            queue.update(futures)
        if not running:
            return
        while not queue.has_ready():
            if client.status in ("closing", "closed"):
                raise BappsmithError(LOST)
            time.sleep(0.005)
        future, outcome = cast("tuple[Future[Any], Any]", next(queue))
        task = running.pop(future.key)
        if future.status in ("cancelled", "lost") or isinstance(outcome, CancelledError):
            raise BappsmithError(LOST)
        if future.status == "error":
            outcome = outcome[1]  # (type, exception, traceback)
        if isinstance(outcome, BappsmithError):
            raise outcome
        yield task, outcome
        future.release()


def _ask(client: Client, call: Callable[..., Any], *arguments: Any) -> Any:
    """Call a method of the client; it fails in several ways where the scheduler was lost a moment ago."""
    try:
        return call(*arguments)
    except Exception as error:
        if isinstance(error, OSError) or client.status in ("closing", "closed"):
            raise BappsmithError(LOST) from error
        raise


def _reason(error: Exception) -> str:
    """The exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def _done_or_error(function: Callable[[_T], _R], task: _T) -> _R | BappsmithError:
    """A worker returns an error for the user as a value: raised there, it would be logged with its traceback."""
    from distributed import get_worker

    worker = get_worker()
    try:
        check_threads(worker.address, worker.state.nthreads)  # the worker may have joined after all others were checked
        return function(task)
    except BappsmithError as error:
        return error
