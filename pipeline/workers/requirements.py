"""Check what every worker of a cluster needs: bappsmith, the same Python and Dask, and one thread."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from bappsmith.manifests.errors import BappsmithError

if TYPE_CHECKING:
    from distributed import Client


def check_workers(client: Client) -> None:
    """Check all current workers and the scheduler.

    Another version of Python or Dask may not understand the messages, and some versions of Dask then wait for ever.

    Raises:
        BappsmithError: a worker or the scheduler does not meet the requirements; the message names it.
    """
    answers = cast("dict[str, Any]", client.run(version, "bappsmith", on_error="return"))
    for worker, answer in answers.items():
        if isinstance(answer, Exception):
            raise BappsmithError(f"worker {worker} has no bappsmith; install version {version('bappsmith')} there")
    for worker, threads in cast("dict[str, int]", client.nthreads()).items():
        check_threads(worker, threads)
    versions = cast("dict[str, Any]", client.get_versions())
    needed = {"python": ".".join(map(str, sys.version_info[:2]))}
    needed["distributed"] = versions["client"]["packages"]["distributed"]
    others = [("the scheduler", versions["scheduler"])]
    others += [(f"worker {worker}", facts) for worker, facts in versions["workers"].items()]
    for who, facts in others:
        if not facts:
            continue
        python = ".".join(str(facts["host"]["python"]).split(".")[:2])
        theirs = {"python": python, "distributed": facts["packages"]["distributed"]}
        for name, ours in needed.items():
            if theirs[name] != ours:
                raise BappsmithError(
                    f"{who} has {name} {theirs[name]}, this process {ours}; install the same version everywhere"
                )


def check_threads(worker: str, threads: int) -> None:
    """Refuse a worker with several threads.

    A person's operators may not be thread-safe, the thread counts of OpenCV and PyTorch are those of the whole process,
    and two processes are 1.6 times as fast as two threads (measured, docs/scale.md).

    Args:
        worker: its address.
        threads: number of its threads.

    Raises:
        BappsmithError: it has several threads.
    """
    if threads != 1:
        raise BappsmithError(
            f"worker {worker} runs {threads} threads, but must run one; start it with --nthreads 1 (in a cluster file: "
            "threads_per_worker: 1 or nthreads: 1 in options), and start more workers instead"
        )
