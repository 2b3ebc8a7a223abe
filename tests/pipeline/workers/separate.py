"""A scheduler and workers in processes of their own, as `dask scheduler` and `dask worker` start them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client


class SeparateCluster:
    """A running cluster.

    Attributes:
        address: of the scheduler.
        scheduler: its process.
        workers: processes of the workers, the oldest first.
    """

    def __init__(self, address: str, scheduler: subprocess.Popen[bytes]) -> None:
        self.address, self.scheduler = address, scheduler
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self) -> None:
        self.workers.append(_start("worker", self.address, "--nthreads", "1", "--no-nanny"))

    def replace_worker(self) -> None:
        """Kill the oldest worker, in the midst of a task if it has one, and start another."""
        oldest = self.workers.pop(0)
        oldest.kill()
        oldest.wait()
        self.add_worker()


@contextmanager
def separate_cluster(folder: Path) -> Iterator[SeparateCluster]:
    """Start `dask scheduler` and two `dask worker`."""
    file = folder / "scheduler.json"
    scheduler = _start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    cluster: SeparateCluster | None = None
    try:
        while not (file.exists() and file.read_text().endswith("}")):
            assert scheduler.poll() is None
            time.sleep(0.05)
        cluster = SeparateCluster(json.loads(file.read_text())["address"], scheduler)
        for _ in range(2):
            cluster.add_worker()
        with Client(cluster.address) as client:
            client.wait_for_workers(2)
        yield cluster
    finally:
        for process in (*(cluster.workers if cluster else ()), scheduler):
            process.kill()
            process.wait()


def _start(*words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
