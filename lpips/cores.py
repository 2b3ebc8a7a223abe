"""How many processor cores torch uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def all_cores() -> Iterator[None]:
    """Let torch use every core this process may run on, and put its setting back.

    A Dask cluster that lived in this process before may have left it with one.
    """
    before = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(cores)
    try:
        yield
    finally:
        torch.set_num_threads(before)
