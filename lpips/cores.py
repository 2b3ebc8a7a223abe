"""Set how many processor cores torch uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def all_cores() -> Iterator[None]:
    """Let torch use every core that this process may run on. Restore its setting afterwards.

    A Dask cluster that ran in this process before may have limited torch to one core.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with _threads(cores):
        yield


@contextmanager
def one_core() -> Iterator[None]:
    """Let torch use one core: some sums depend on how many share them. Restore its setting afterwards."""
    with _threads(1):
        yield


@contextmanager
def _threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
