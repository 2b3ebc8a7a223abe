"""What every worker of a cluster must have: bappsmith, the same Python and Dask, and one thread."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from bappsmith.manifests.errors import BappsmithError

if TYPE_CHECKING:
    from distributed import Client


def check_workers(client: Client) -> None:
    """See that all workers that are there can do the work.

    With another Python or Dask, what is sent would not be understood, and some versions of Dask then wait for ever.

    Raises:
        BappsmithError: names the worker or the scheduler, what it has, and what to do.
    """
    answers = cast("dict[str, Any]", client.run(version, "bappsmith", on_error="return"))
    for worker, answer in answers.items():
        if isinstance(answer, Exception):
            raise BappsmithError(
                f"worker {worker} has no bappsmith; install it there, in version {version('bappsmith')}"
            )
    for worker, threads in cast("dict[str, int]", client.nthreads()).items():
        check_threads(worker, threads)
    versions = cast("dict[str, Any]", client.get_versions())
    wanted = {"python": ".".join(map(str, sys.version_info[:2]))}
    wanted["distributed"] = versions["client"]["packages"]["distributed"]
    others = [("the scheduler", versions["scheduler"])]
    others += [(f"worker {worker}", facts) for worker, facts in versions["workers"].items()]
    for who, facts in others:
        if not facts:
            continue
        python = ".".join(str(facts["host"]["python"]).split(".")[:2])
        theirs = {"python": python, "distributed": facts["packages"]["distributed"]}
        for name, ours in wanted.items():
            if theirs[name] != ours:
                raise BappsmithError(
                    f"{who} has {name} {theirs[name]}, this process {ours}; install the same version everywhere"
                )


def check_threads(worker: str, threads: int) -> None:
    """Refuse a worker with several threads.

    Operators of your own need not be safe under threads, thread counts of OpenCV and PyTorch belong to the whole process,
    and two processes are 1.6 times as fast as two threads.

    Raises:
        BappsmithError: it has several.
    """
    if threads != 1:
        raise BappsmithError(
            f"worker {worker} runs {threads} threads, and one is needed; start it with --nthreads 1 (threads_per_worker=1 "
            "or nthreads=1 in options of a cluster), and more workers in their place"
        )
