"""A pool of workers: this process, or a cluster that starts with the first task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from .map_unordered import map_unordered

if TYPE_CHECKING:
    from distributed import Client

_T = TypeVar("_T")
_R = TypeVar("_R")


class WorkerPool:
    """Workers for several kinds of tasks, one kind after the other. Use it as a context manager.

    Args:
        cluster: context manager that yields a client; it is entered at the first task. None: this process does the
        work.
    """

    def __init__(self, cluster: AbstractContextManager[Client] | None) -> None:
        self._cluster = cluster
        self._client: Client | None = None
        self._stack = ExitStack()

    def __enter__(self) -> WorkerPool:
        self._stack.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client = None
        self._stack.__exit__(kind, error, trace)

    @property
    def distributed(self) -> bool:
        """Whether a cluster does the work, and not this process."""
        return self._cluster is not None

    def map_unordered(self, function: Callable[[_T], _R], tasks: Sequence[_T]) -> Iterator[_R]:
        """Yield results: in the order of tasks if this process does the work, else in the order in which they finish.

        Args:
            function: called with a task.
            tasks: see `map_unordered.map_unordered`.

        Raises:
            BappsmithError: see `map_unordered.map_unordered`.
        """
        if self._cluster is None:
            yield from map(function, tasks)
        elif tasks:
            if self._client is None:
                self._client = self._stack.enter_context(self._cluster)
            yield from map_unordered(self._client, function, tasks)
