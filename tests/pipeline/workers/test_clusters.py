"""Local workers that nobody else can use, schedulers with and without TLS, clusters from files."""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path

import dask.config
import psutil
import pytest
from distributed import Client, Security
from distributed.process import AsyncProcess

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.workers import clusters
from bappsmith.pipeline.workers.clusters import cluster_client, local_client, remote_client

from .clusters import certificates, running, small, tree


def listening() -> set[tuple[str, int]]:
    """Addresses at which this process accepts connections."""
    connections = psutil.Process().net_connections("inet")
    return {(c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN}


def answer(address: tuple[str, int], request: bytes, context: ssl.SSLContext | None = None) -> bytes:
    """What a stranger is told; nothing where the connection is closed."""
    try:
        with socket.create_connection(address, timeout=30) as plain:
            connection = plain if context is None else context.wrap_socket(plain)
            with connection:
                connection.sendall(request)
                return connection.recv(64)
    except (ConnectionError, ssl.SSLError):
        return b""


def test_nobody_else_can_use_local_workers():
    before = listening()

    def listening_there() -> set[tuple[str, int]]:  # inside, for workers do not know this module
        connections = psutil.Process().net_connections("inet")
        return {(c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN}

    with local_client(1) as client:
        addresses = (listening() - before).union(*client.run(listening_there).values())
        assert len(addresses) >= 4  # scheduler and nanny here, the worker and its pages there
        assert {host for host, _ in addresses} == {"127.0.0.1"}
        strange = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        strange.check_hostname, strange.verify_mode = False, ssl.CERT_NONE
        for address in addresses:
            for page in ("json/identity.json", "info/main/workers.html", "metrics"):
                told = answer(address, f"GET /{page} HTTP/1.0\r\n\r\n".encode())
                assert told == b"" or b" 404 " in told
            if not told:  # no page, but what scheduler and workers say to each other
                assert answer(address, b"hello", strange) == b""


def test_dask_takes_certificates_from_its_own_configuration(tmp_path: Path):
    certificates(tmp_path, "ours")
    tls = {"distributed.comm.require-encryption": True, "distributed.comm.tls.ca-file": str(tmp_path / "ours.pem")}
    for role in ("client", "scheduler", "worker"):
        tls[f"distributed.comm.tls.{role}.cert"] = str(tmp_path / "ours.pem")
        tls[f"distributed.comm.tls.{role}.key"] = str(tmp_path / "ours.key")
    with (
        dask.config.set(tls),
        running(security=Security()) as cluster,
        remote_client(cluster.scheduler_address) as client,
    ):
        assert client.submit(sum, [1, 2]).result() == 3


def test_a_file_names_a_running_scheduler_and_certificates(tmp_path: Path, photos: Path):
    file = tmp_path / "cluster.yaml"
    with running(security=certificates(tmp_path, "ours")) as cluster:
        address = cluster.scheduler_address
        file.write_text(f"scheduler: {address}\nsecurity: {{ca: ours.pem, cert: ours.pem, key: ours.key}}\n")
        generate(small(photos, 20), tmp_path / "data", cluster=file)
    generate(small(photos, 20), tmp_path / "serial")
    assert tree(tmp_path / "data") == tree(tmp_path / "serial")


def test_missing_and_strange_certificates_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters, "SCHEDULER_TIMEOUT", 5.0)
    strange = certificates(tmp_path, "strange")
    with running(security=certificates(tmp_path, "ours")) as cluster:
        for address, security, words in (
            (cluster.scheduler_address, None, "needs other certificates"),
            (cluster.scheduler_address, strange, "TLS certificate does not match"),
            (cluster.scheduler_address.replace("tls", "tcp"), strange, "needs other certificates, or another protocol"),
            (cluster.scheduler_address.replace("tls", "tcp"), None, "no Dask scheduler answers"),
        ):
            with pytest.raises(BappsmithError, match=words) as caught, remote_client(address, security):
                pass
            assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_cluster_is_started_from_a_file(photos: Path, tmp_path: Path):
    file = tmp_path / "cluster.yaml"
    file.write_text(
        "class: distributed.LocalCluster\n"
        "options: {n_workers: 0, threads_per_worker: 1, dashboard_address: '127.0.0.1:0'}\n"
        "adapt: {minimum: 1, maximum: 2}\n"
    )
    generate(small(photos, 20), tmp_path / "data", cluster=file)
    generate(small(photos, 20), tmp_path / "serial")
    assert tree(tmp_path / "data") == tree(tmp_path / "serial")


def test_a_cluster_is_started_with_certificates_from_a_file(tmp_path: Path):
    certificates(tmp_path, "ours")
    file = tmp_path / "cluster.yaml"
    file.write_text(
        "class: distributed.LocalCluster\n"
        "options: {n_workers: 0, threads_per_worker: 1, processes: 0, dashboard_address: '127.0.0.1:0'}\n"
        "workers: 1\n"
        "security: {ca: ours.pem, cert: ours.pem, key: ours.key}\n"
    )
    with cluster_client(file) as client:
        assert str(client.scheduler_info()["address"]).startswith("tls://")
        assert client.submit(sum, [1, 2]).result() == 3


def test_a_scheduler_without_workers_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters, "SCHEDULER_TIMEOUT", 2.0)
    with running() as cluster:
        with Client(cluster) as client:
            client.retire_workers()
        with (
            pytest.raises(BappsmithError, match="has no workers; start some with"),
            remote_client(cluster.scheduler_address),
        ):
            pass


def test_workers_that_are_gone_late_are_no_error(monkeypatch: pytest.MonkeyPatch):
    """As on a busy machine, which takes long to remove a killed process."""

    async def late(self: AsyncProcess, timeout: float | None = None) -> None:
        raise TimeoutError

    with local_client(1) as client:
        worker = psutil.Process(client.submit(os.getpid).result())
        monkeypatch.setattr(AsyncProcess, "join", late)
    worker.wait(60)
