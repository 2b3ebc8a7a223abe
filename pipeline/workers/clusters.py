"""Where workers come from: processes of this machine, a scheduler that runs already, or a cluster described in a file."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field, ValidationError

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.recipe.plain_yaml import load_yaml
from bappsmith.manifests.recipe.strict import Strict
from bappsmith.manifests.recipe.text_file import read_text_file

if TYPE_CHECKING:
    from distributed import Client

SCHEDULER_TIMEOUT = 10.0
"""Seconds to wait for the answer of a scheduler that was named."""
CLUSTER_TIMEOUT = 600.0
"""Seconds to wait for the first worker of a cluster that was started: batch systems have queues."""


class Adapt(Strict):
    """Bounds of a cluster that grows and shrinks with the work.

    Attributes:
        minimum: workers that are always there.
        maximum: workers at most.
    """

    minimum: int = Field(default=1, ge=0)
    maximum: int = Field(ge=1)


class ClusterFile(Strict):
    """A cluster, as a YAML file describes it.

    Attributes:
        kind: (key `class`) dotted name of a Dask cluster class, such as dask_jobqueue.SLURMCluster,
            dask_kubernetes.operator.KubeCluster or distributed.SSHCluster.
        options: arguments of that class.
        workers: number of workers to ask for; left out: what the class starts by itself.
        adapt: in place of `workers`.
    """

    kind: str = Field(alias="class")
    options: dict[str, Any] = Field(default={})
    workers: int | None = Field(default=None, ge=1)
    adapt: Adapt | None = None


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """A client of a cluster of local processes with one thread each, which ends with it."""
    import dask.config
    from distributed import Client, LocalCluster

    # Dask has its workers hand every freed page back to the system at once; taking them anew costs networks and
    # images a third of their time.
    spawned = {
        name: value
        for name, value in dask.config.get("distributed.nanny.pre-spawn-environ").items()
        if not name.startswith("MALLOC_")
    }
    # A local cluster leaves OMP_NUM_THREADS and others behind in this process; training in it would
    # then run on one thread.
    before = dict(os.environ)
    loops = logging.getLogger("tornado.application")
    level = loops.level
    try:
        with (
            _ctrl_c_is_for_this_process(),
            dask.config.set({"distributed.nanny.pre-spawn-environ": spawned}),
        ):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=":0",  # the usual port may be that of another run
                silence_logs=logging.ERROR,  # that tasks are cancelled when a run is stopped is no news
            )
        with cluster, Client(cluster) as client:
            try:
                yield client
            except BaseException:
                loops.setLevel(logging.CRITICAL)  # as above: callbacks of what is cancelled fail
                raise
    finally:
        loops.setLevel(level)
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def remote_client(scheduler: str) -> Iterator[Client]:
    """A client of a running scheduler that has workers.

    Raises:
        BappsmithError: there is none at that address, or it runs another Python or Dask.
    """
    from distributed import Client

    try:
        client = Client(scheduler, timeout=SCHEDULER_TIMEOUT)
    except (OSError, ValueError) as error:
        raise BappsmithError(
            f"no Dask scheduler answers at '{scheduler}' ({error}); expected an address such as "
            "tcp://HOST:8786 of a running `dask scheduler`"
        ) from error
    with client:
        lonely = f"the Dask scheduler at '{scheduler}' has no workers; start some with `dask worker {scheduler}`"
        _expect_workers(client, SCHEDULER_TIMEOUT, lonely)
        yield client


@contextmanager
def cluster_client(file: str | Path) -> Iterator[Client]:
    """A client of a cluster that is started as a file says, and ends with it.

    Raises:
        BappsmithError: the file is no description of a cluster, its class cannot be had or started, or no worker came.
    """
    from distributed import Client

    description = read_cluster(file)
    kind = _cluster_class(description.kind, file)
    try:
        cluster = kind(**description.options)
    except Exception as error:  # every class has its own
        raise BappsmithError(f"{file}: {description.kind} could not be started ({error})") from error
    with cluster, Client(cluster) as client:
        adaptive = None
        if description.adapt is not None:
            adaptive = cluster.adapt(minimum=description.adapt.minimum, maximum=description.adapt.maximum)
        elif description.workers is not None:
            cluster.scale(description.workers)
        lonely = f"{file}: no worker came within {CLUSTER_TIMEOUT:g} s; look at the queue of the cluster"
        _expect_workers(client, CLUSTER_TIMEOUT, lonely)
        yield client
        if adaptive is not None:
            # A worker that is just being started would print its surprise at the end of all.
            adaptive.stop()
            client.retire_workers()


def read_cluster(file: str | Path) -> ClusterFile:
    """Read a description of a cluster.

    Raises:
        BappsmithError: one line that names the key and what was wrong with it.
    """
    name = f"cluster file {printable(str(file))}"
    text = read_text_file(Path(file))
    try:
        data = load_yaml(text)
    except BappsmithError as error:
        raise BappsmithError(f"{name}: {error}") from error
    if not isinstance(data, dict):
        came = "nothing" if data is None else type(data).__name__
        raise BappsmithError(f"{name}: a description of a cluster is a mapping of keys, found {came}")
    try:
        return ClusterFile.model_validate(data)
    except ValidationError as error:
        raise BappsmithError(f"{name}: {explain(error, 'key', ClusterFile, {'adapt': Adapt})}") from error


def _cluster_class(name: str, file: str | Path) -> Any:
    from distributed.deploy.cluster import Cluster
    from distributed.deploy.ssh import SSHCluster

    module, _, last = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), last)
    except (ImportError, AttributeError, ValueError) as error:
        raise BappsmithError(
            f"cluster file {file}, class: '{name}' cannot be had ({error}); install the package that brings it"
        ) from error
    # SSHCluster is a function that returns one.
    if found is not SSHCluster and not (isinstance(found, type) and issubclass(found, Cluster)):
        raise BappsmithError(f"cluster file {file}, class: '{name}' is no Dask cluster")
    return found


def _expect_workers(client: Client, seconds: float, otherwise: str) -> None:
    """Wait for a worker, and see that all that are there can do the work."""
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError as error:
        raise BappsmithError(otherwise) from error
    _check_versions(client)


def _check_versions(client: Client) -> None:
    """Refuse workers without bappsmith, and a scheduler or workers of another Python or Dask: what is sent would not be
    understood, and some versions of Dask then wait for ever."""
    there = cast("dict[str, Any]", client.run(version, "bappsmith", on_error="return"))
    for worker, answer in there.items():
        if isinstance(answer, Exception):
            raise BappsmithError(
                f"worker {worker} has no bappsmith; install it there, in version {version('bappsmith')}"
            )
    found = cast("dict[str, Any]", client.get_versions())
    here = {"python": ".".join(map(str, sys.version_info[:2]))}
    here["distributed"] = found["client"]["packages"]["distributed"]
    parts = [
        ("the scheduler", found["scheduler"]),
        *((f"worker {k}", v) for k, v in found["workers"].items()),
    ]
    for who, facts in parts:
        if not facts:
            continue
        python = ".".join(str(facts["host"]["python"]).split(".")[:2])
        theirs = {"python": python, "distributed": facts["packages"]["distributed"]}
        for name, wanted in here.items():
            if theirs[name] != wanted:
                raise BappsmithError(
                    f"{who} has {name} {theirs[name]}, this process {wanted}; install the same version everywhere"
                )


@contextmanager
def _ctrl_c_is_for_this_process() -> Iterator[None]:
    """Processes started meanwhile ignore Ctrl-C: this one stops them, and they print no tracebacks of their own."""
    if threading.current_thread() is not threading.main_thread():  # only there signals can be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
