"""A pool starts its cluster for the first task, once, and ends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bappsmith.pipeline.workers import pool as module
from bappsmith.pipeline.workers.pool import WorkerPool


def test_without_a_cluster_this_process_works_in_order():
    with WorkerPool(None) as pool:
        assert list(pool.map_unordered(str, [3, 1, 2])) == ["3", "1", "2"]


def test_a_cluster_is_entered_with_the_first_task_and_left_at_the_end(monkeypatch: pytest.MonkeyPatch):
    events: list[str] = []

    @contextmanager
    def cluster() -> Iterator[Any]:
        events.append("started")
        try:
            yield "client"
        finally:
            events.append("ended")

    def map_unordered(client: Any, function: Any, tasks: Any) -> Iterator[Any]:
        events.append(f"{client}: {tasks}")
        return map(function, tasks)

    monkeypatch.setattr(module, "map_unordered", map_unordered)
    with WorkerPool(cluster()) as pool:
        assert list(pool.map_unordered(str, [])) == []
        assert events == []
        assert list(pool.map_unordered(str, [1])) == ["1"]
        assert list(pool.map_unordered(str, [2])) == ["2"]
    assert events == ["started", "client: [1]", "client: [2]", "ended"]


def test_an_error_ends_the_cluster_too(monkeypatch: pytest.MonkeyPatch):
    left: list[type[BaseException]] = []

    @contextmanager
    def cluster() -> Iterator[Any]:
        try:
            yield None
        except BaseException as error:
            left.append(type(error))
            raise

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "map_unordered", fail)
    with pytest.raises(KeyboardInterrupt), WorkerPool(cluster()) as pool:
        next(pool.map_unordered(str, [1]))
    assert left == [KeyboardInterrupt]
