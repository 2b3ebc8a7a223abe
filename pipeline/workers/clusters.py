"""Connect to workers: processes of this machine, a running scheduler, or a cluster described in a file."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bappsmith.manifests.errors import BappsmithError

from .cluster_file import cluster_class, read_cluster
from .requirements import check_workers

if TYPE_CHECKING:
    from distributed import Client, Security

SCHEDULER_TIMEOUT = 10.0
"""Seconds to wait for the answer of a running scheduler."""
CLUSTER_TIMEOUT = 600.0
"""Seconds to wait for the first worker of a started cluster: batch systems have queues."""


def choose_client(
    workers: int, scheduler: str | None, cluster: str | Path | None
) -> AbstractContextManager[Client] | None:
    """Return the client of the requested workers; None: this process does the work.

    Raises:
        BappsmithError: more than one kind of workers is asked for, or fewer than one.
    """
    if workers < 1:
        raise BappsmithError(f"workers must be at least 1, found {workers}")
    if (workers > 1) + (scheduler is not None) + (cluster is not None) > 1:
        raise BappsmithError(
            "give one of workers (processes to start here), scheduler (it has its own workers) and cluster (a file); "
            "found more than one"
        )
    if scheduler is not None:
        return remote_client(scheduler)
    if cluster is not None:
        return cluster_client(cluster)
    return local_client(workers) if workers > 1 else None


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """Start local processes with one thread each, and yield their client. They end with it.

    Scheduler and workers listen on the loopback interface only. They use TLS with a certificate that is made for this
    cluster and kept in memory, because a scheduler runs any code it receives, and other users of the machine can reach
    the loopback interface too.

    Args:
        workers: number of processes.
    """
    import dask.config
    from distributed import Client, LocalCluster, Security

    from .local_nanny import LocalNanny

    # By default, Dask's workers return every freed page to the system at once. Getting pages again costs networks and
    # images a third of their time.
    spawned = {
        name: value
        for name, value in dask.config.get("distributed.nanny.pre-spawn-environ").items()
        if not name.startswith("MALLOC_")
    }
    # Dask sets OMP_NUM_THREADS and other variables in this process. Later training here would run on one thread.
    before = dict(os.environ)
    loops = logging.getLogger("tornado.application")
    level = loops.level
    try:
        with (
            _children_ignore_ctrl_c(),
            dask.config.set(
                {
                    "distributed.nanny.pre-spawn-environ": spawned,
                    # No web pages of scheduler and workers: they have no password.
                    "distributed.scheduler.http.routes": [],
                    "distributed.worker.http.routes": [],
                }
            ),
        ):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                worker_class=LocalNanny,
                host="127.0.0.1",
                security=Security.temporary(),
                dashboard_address="127.0.0.1:0",  # port 0: another run may use the default port
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,  # results carry the errors; a stopped run cancels many tasks
            )
        with cluster, Client(cluster) as client:
            try:
                yield client
            except BaseException:
                loops.setLevel(logging.CRITICAL)  # as above: callbacks of cancelled tasks fail
                raise
    finally:
        loops.setLevel(level)
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def remote_client(scheduler: str, security: Security | None = None) -> Iterator[Client]:
    """Connect to a running scheduler that has workers, and yield the client.

    Args:
        scheduler: its address.
        security: certificates for TLS; None: those of Dask's configuration, if it names any.

    Raises:
        BappsmithError: no scheduler answers, it has no workers, certificates are missing or refused, or a worker does
            not meet the requirements.
    """
    from distributed import Client

    _try_to_connect(scheduler, security)
    with Client(scheduler, timeout=SCHEDULER_TIMEOUT, security=security) as client:
        no_workers = f"the Dask scheduler at '{scheduler}' has no workers; start some with `dask worker {scheduler}`"
        _expect_workers(client, SCHEDULER_TIMEOUT, no_workers)
        yield client


@contextmanager
def cluster_client(file: str | Path) -> Iterator[Client]:
    """Connect to the cluster that a file describes, and yield the client. A cluster that is started here ends with it.

    Raises:
        BappsmithError: the file is invalid, its class is not found or does not start, or no worker started; or see
            `remote_client`.
    """
    from distributed import Client

    description = read_cluster(file)
    security = None if description.security is None else description.security.security()
    if description.scheduler is not None:
        with remote_client(description.scheduler, security) as client:
            yield client
        return
    kind = cluster_class(str(description.kind), file)
    options = description.options if security is None else {**description.options, "security": security}
    try:
        cluster = kind(**options)
    except Exception as error:  # every class raises its own errors
        raise BappsmithError(f"{file}: {description.kind} could not be started ({_one_line(error)})") from error
    with cluster, Client(cluster) as client:
        adaptive = None
        if description.adapt is not None:
            adaptive = cluster.adapt(minimum=description.adapt.minimum, maximum=description.adapt.maximum)
        elif description.workers is not None:
            cluster.scale(description.workers)
        no_workers = f"{file}: no worker started within {CLUSTER_TIMEOUT:g} s; look at the queue of the cluster"
        _expect_workers(client, CLUSTER_TIMEOUT, no_workers)
        yield client
        if adaptive is not None:
            # A worker that is still starting would print an error at the end.
            adaptive.stop()
            client.retire_workers()


def _try_to_connect(scheduler: str, security: Security | None) -> None:
    """Check that the scheduler answers, without a client: a client that fails to start leaves threads behind."""
    from distributed import Security
    from distributed.comm.core import connect

    async def say_hello() -> None:
        arguments = (security or Security()).get_connection_args("client")
        comm = await connect(scheduler, timeout=SCHEDULER_TIMEOUT, **arguments)
        await comm.close()

    try:
        with ThreadPoolExecutor(1) as thread:  # this thread may run an event loop already, as in notebooks
            thread.submit(asyncio.run, say_hello()).result()
    except (TypeError, RuntimeError) as error:
        # Dask raises these for tls:// without certificates, and for tcp:// if encryption is required.
        raise BappsmithError(
            f"the Dask scheduler at '{scheduler}' needs other certificates, or another protocol ({_one_line(error)}); "
            "name scheduler and security in a file for --cluster, or certificates in Dask's configuration "
            "(distributed.comm.tls)"
        ) from error
    except (OSError, ValueError) as error:
        raise BappsmithError(
            f"no Dask scheduler answers at '{scheduler}' ({_one_line(error)}); expected an address such as "
            "tcp://HOST:8786 of a running `dask scheduler`, tls://HOST:8786 with certificates that it trusts"
        ) from error


def _expect_workers(client: Client, seconds: float, otherwise: str) -> None:
    """Wait for a worker, and check the requirements of all workers.

    Args:
        client: of the cluster.
        seconds: to wait.
        otherwise: the error if no worker comes.
    """
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError as error:
        raise BappsmithError(otherwise) from error
    check_workers(client)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


@contextmanager
def _children_ignore_ctrl_c() -> Iterator[None]:
    """Let processes started inside the block ignore Ctrl-C: this process stops them, and they print no tracebacks."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread can set signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
