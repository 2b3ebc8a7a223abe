"""Where workers come from: processes of this machine, a scheduler that runs already, or a cluster described in a file."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bappsmith.manifests.errors import BappsmithError

from .cluster_file import cluster_class, read_cluster
from .requirements import check_workers

if TYPE_CHECKING:
    from distributed import Client, Security

SCHEDULER_TIMEOUT = 10.0
"""Seconds to wait for the answer of a scheduler that was named."""
CLUSTER_TIMEOUT = 600.0
"""Seconds to wait for the first worker of a cluster that was started: batch systems have queues."""


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """A client of a cluster of local processes with one thread each, which ends with it.

    All of it listens on the loopback interface alone, and talks to nobody without the certificate that is made for this
    cluster and kept in memory: a scheduler runs any code it is sent, and other users of the machine reach loopback too.
    """
    import dask.config
    from distributed import Client, LocalCluster, Security

    # Dask has its workers return every freed page to the system at once; getting pages again costs networks and
    # images a third of their time.
    spawned = {
        name: value
        for name, value in dask.config.get("distributed.nanny.pre-spawn-environ").items()
        if not name.startswith("MALLOC_")
    }
    # Dask leaves OMP_NUM_THREADS and others behind in this process; training in it would then run on one thread.
    before = dict(os.environ)
    loops = logging.getLogger("tornado.application")
    level = loops.level
    try:
        with (
            _ctrl_c_is_for_this_process(),
            dask.config.set(
                {
                    "distributed.nanny.pre-spawn-environ": spawned,
                    # Pages of scheduler and workers, which have no password.
                    "distributed.scheduler.http.routes": [],
                    "distributed.worker.http.routes": [],
                }
            ),
        ):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                security=Security.temporary(),
                dashboard_address="127.0.0.1:0",  # port 0: the usual one may be that of another run
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,  # what matters comes with results; when a run is stopped, much is cancelled
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
    """A client of a running scheduler that has workers.

    Args:
        scheduler: its address.
        security: certificates for TLS; None: those of Dask's own configuration, if it names any.

    Raises:
        BappsmithError: none answers at that address, certificates are missing or refused, or a worker cannot do the work.
    """
    from distributed import Client

    _try_to_connect(scheduler, security)
    with Client(scheduler, timeout=SCHEDULER_TIMEOUT, security=security) as client:
        lonely = f"the Dask scheduler at '{scheduler}' has no workers; start some with `dask worker {scheduler}`"
        _expect_workers(client, SCHEDULER_TIMEOUT, lonely)
        yield client


@contextmanager
def cluster_client(file: str | Path) -> Iterator[Client]:
    """A client of the cluster that a file describes. A cluster that is started for it ends with it.

    Raises:
        BappsmithError: the file describes no cluster, its class is not found or fails to start, no worker came, or see
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
    except Exception as error:  # every class has its own
        raise BappsmithError(f"{file}: {description.kind} could not be started ({_one_line(error)})") from error
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


def _try_to_connect(scheduler: str, security: Security | None) -> None:
    """See that the scheduler answers. A client that fails to start would leave its threads behind."""
    from distributed import Security
    from distributed.comm.core import connect

    async def say_hello() -> None:
        arguments = (security or Security()).get_connection_args("client")
        comm = await connect(scheduler, timeout=SCHEDULER_TIMEOUT, **arguments)
        await comm.close()

    try:
        with ThreadPoolExecutor(1) as thread:  # in this thread, a loop may be running already, as in notebooks
            thread.submit(asyncio.run, say_hello()).result()
    except (TypeError, RuntimeError) as error:
        # Dask's words for a tls:// address without certificates, and for tcp:// where encryption is required.
        raise BappsmithError(
            f"the Dask scheduler at '{scheduler}' needs other certificates, or another protocol ({_one_line(error)}); name "
            "scheduler and security in a file for --cluster, or certificates in Dask's configuration (distributed.comm.tls)"
        ) from error
    except (OSError, ValueError) as error:
        raise BappsmithError(
            f"no Dask scheduler answers at '{scheduler}' ({_one_line(error)}); expected an address such as "
            "tcp://HOST:8786 of a running `dask scheduler`, tls://HOST:8786 with certificates that it trusts"
        ) from error


def _expect_workers(client: Client, seconds: float, otherwise: str) -> None:
    """Wait for a worker, and see that all that are there can do the work."""
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError as error:
        raise BappsmithError(otherwise) from error
    check_workers(client)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


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
