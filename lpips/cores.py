"""Set how many processor cores torch uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

_one = ContextVar("one_core", default=False)
"""Whether `one_core` is in force."""


@contextmanager
def all_cores() -> Iterator[None]:
    """Let torch use every core that this process may run on, or one inside `one_core`. Restore its setting afterwards.

    A Dask cluster that ran in this process before may have limited torch to one core.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with _threads(1 if _one.get() else cores):
        yield


@contextmanager
def one_core() -> Iterator[None]:
    """Let torch use one core, also in calls that otherwise use all. Restore its setting afterwards.

    Some sums depend on how many cores share them. Processes that train side by side share the cores already.
    """
    token = _one.set(True)
    try:
        with _threads(1):
            yield
    finally:
        _one.reset(token)


@contextmanager
def _threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
