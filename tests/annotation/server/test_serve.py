"""The real server in a process of its own: sockets, signals, bodies and logs."""

from __future__ import annotations

import contextlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bappsmith.annotation.server.serve import listen, network_warning, public_address
from bappsmith.annotation.study.study import Study
from bappsmith.manifests.errors import BappsmithError

pytestmark = pytest.mark.slow
COMMAND = (sys.executable, "-c", "from bappsmith.cli.main import run; run()", "annotate")


@dataclass
class Running:
    process: subprocess.Popen[str]
    folder: Path
    url: str
    status: str
    lines: list[str]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=300)
        return self.process.returncode, out, err

    def raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=300) as connection:
            parts = []
            with contextlib.suppress(ConnectionError):  # the server need not read what it refuses
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    parts.append(part)
        return b"".join(parts)


@pytest.fixture
def start(finished: dict[str, Path], tmp_path: Path) -> Iterator[Callable[..., Running]]:
    processes: list[subprocess.Popen[str]] = []

    def run(*more: str, port: int = 0) -> Running:
        words = [
            "serve",
            str(finished["folders"]),
            "--subset",
            "jnd/val/a",
            "--study",
            str(tmp_path / "study"),
            "--port",
            str(port),
        ]
        process = subprocess.Popen(
            [*COMMAND, *words, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
        )
        processes.append(process)
        assert process.stdout is not None
        lines: list[str] = []
        while not any("Ctrl-C" in line for line in lines):
            line = process.stdout.readline()
            if not line:
                raise AssertionError(process.communicate())
            lines.append(line)
        url = re.search(r"people: (http://\S+)/", "".join(lines))
        status = re.search(r"status: (\S+)", "".join(lines))
        assert url is not None
        assert status is not None
        if "127.0.0.1" in url[1]:
            httpx.get(url[1] + "/judge", timeout=300)
        return Running(process, tmp_path / "study", url[1], status[1], lines)

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=300)


def test_a_server_from_start_to_end(start, finished):
    server = start()
    assert server.url.startswith("http://127.0.0.1:")
    with httpx.Client(base_url=server.url, timeout=300) as client:
        assert client.get("/?PROLIFIC_PID=5f00aaZEBRA&SESSION_ID=1").status_code == 303
        assert client.post("/api/open", json={}).status_code == 200
        assert client.get("/?link=forged-ZEBRA").status_code == 403
        assert httpx.get(server.status, timeout=300).status_code == 200
    status, out, err = server.stop()
    assert status == 0
    assert (
        out
        == f"stopped; every answer is kept. To go on: bappsmith annotate serve {finished['folders']} --subset jnd/val/a"
        f" --study {server.folder} --port 0\n"
    )
    assert "ZEBRA" not in out + err
    assert err == ""
    with Study.open(server.folder) as study:
        assert study.progress().sessions == 1


def test_ctrl_c(start):
    status, out, err = start().stop(signal.SIGINT)
    assert (status, err) == (0, "")
    assert out.startswith("stopped; every answer is kept.")


def test_a_killed_server_goes_on(start):
    server = start()
    with httpx.Client(base_url=server.url, timeout=300) as client:
        client.get("/?PROLIFIC_PID=5f00aa")
        opened = client.post("/api/open", json={}).json()
        server.stop(signal.SIGKILL)
        start(port=server.port)
        again = client.post("/api/stage", json={"tab": opened["tab"], "stage": "instructions"})
    assert again.json() == {"stage": "instructions"}


def test_a_second_server_on_one_study_is_refused_in_one_line(start, finished):
    server = start()
    second = run("serve", finished["folders"], "--subset", "jnd/val/a", "--study", server.folder, "--port", 0)
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert str(server.folder) in second.stderr
    assert httpx.get(server.url + "/judge", timeout=300).status_code == 200


def test_a_port_in_use_is_refused_in_one_line_before_a_study_is_made(start, finished, tmp_path):
    server = start()
    second = run("serve", finished["folders"], "--study", tmp_path / "other", "--port", server.port)
    assert second.returncode == 1
    assert (
        second.stderr
        == f"bappsmith: port {server.port} of 127.0.0.1 is in use: give another with --port, or 0 for a free one\n"
    )
    assert not (tmp_path / "other").exists()


def test_a_large_body_is_refused_while_it_arrives(start):
    server = start()
    before = resident(server)
    body = b" " * 10_000_000
    head = f"POST /api/answers HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
    declared = server.raw(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert declared.startswith(b"HTTP/1.1 413")
    chunks = b"".join(b"10000\r\n" + b" " * 0x10000 + b"\r\n" for _ in range(200)) + b"0\r\n\r\n"
    chunked = server.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)
    assert chunked.startswith(b"HTTP/1.1 413")
    assert resident(server) - before < 5_000_000
    assert httpx.get(server.url + "/judge", timeout=300).status_code == 200


def test_what_is_no_http_is_refused(start):
    server = start()
    for data in (b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"):
        assert server.raw(data).startswith((b"HTTP/1.1 400", b"HTTP/1.1 421"))
    large = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 5_000_000 + b"\r\n\r\n"
    assert server.raw(large)[:10] in (b"HTTP/1.1 4", b"")
    assert httpx.get(server.url + "/judge", timeout=300).status_code == 200


def test_what_is_in_work_is_finished(start):
    """A signal comes while a request is on its way; it is answered before the server ends."""
    server = start()
    body = b"{}"
    head = (
        f"POST /api/open HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=300) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")  # it waits for the body
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 403")  # no cookie, and that was said
    out, err = server.process.communicate(timeout=300)
    assert server.process.returncode == 0
    assert err == ""
    assert out.startswith("stopped")


def test_beyond_this_machine_only_with_an_address_and_a_warning(start, finished, tmp_path):
    refused = run("serve", finished["folders"], "--study", tmp_path / "other", "--host", "0.0.0.0")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "--public-url" in refused.stderr
    assert not (tmp_path / "other").exists()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = start("--host", "0.0.0.0", "--public-url", "http://lab.example.org", port=port)
    assert httpx.get(f"http://127.0.0.1:{port}/judge", timeout=300).status_code == 200
    status, _, err = server.stop()
    assert status == 0
    assert err.startswith("bappsmith: warning: listening on 0.0.0.0")
    assert "reverse proxy with TLS" in err
    assert "not encrypted" in err


def test_links(start):
    server = start()
    words = ("links", "dataset", "--study", server.folder, "--port", server.port)
    three, two = (run(*words, "--people", count).stdout.split() for count in (3, 2))
    assert two == three[:2]
    assert len(set(three)) == 3
    with httpx.Client(timeout=300) as client:
        assert client.get(three[2]).status_code == 303
    with_task = run(*words, "--people", 1, "--task", "jnd", "--public-url", "https://lab.example.org").stdout
    assert re.fullmatch(r"https://lab\.example\.org/\?link=[\w.-]+&task=jnd\n", with_task)


def test_the_hint_prints_the_links_of_this_study(start):
    server = start()
    hint = next(line for line in server.lines if "Personal links" in line)
    words = shlex.split(hint.partition("bappsmith annotate ")[2])
    (link, *_) = run(*words).stdout.split()
    assert link.startswith(f"{server.url}/?link=")
    assert link.partition("link=")[2] == Study.open(server.folder, write=False).secret.token("link", "1")


def test_the_same_command_goes_on_with_a_selection(start, tmp_path):
    (tmp_path / "s.csv").write_text("subset,index,probability\njnd/val/a,0,0.5\njnd/val/a,1,0.5\n")
    (tmp_path / "other.csv").write_text("subset,index,probability\njnd/val/a,2,0.5\n")
    start("--selection", "s.csv").stop()
    start("--selection", "s.csv").stop()
    with pytest.raises(AssertionError, match="asks about other items"):
        start("--selection", "other.csv")


def test_a_study_keeps_its_settings(start, finished, tmp_path):
    start("--votes", "3", "--set", "jnd.items=2", "--set", "break_every=10").stop()
    start().stop()
    words = ("serve", finished["folders"], "--subset", "jnd/val/a", "--study", tmp_path / "study", "--port", 0)
    for more in (("--votes", 4), ("--set", "jnd.items=3")):
        refused = run(*words, *more)
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
    for more in (
        ("--set", "jnd.item=3"),
        ("--set", "jnd.items"),
        ("--set", "jnd.items=0"),
        ("--set", "jnd.items=x"),
        ("--set", "jnd=1"),
    ):
        refused = run(*words, *more)
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1, refused.stderr
        assert "jnd" in refused.stderr


def resident(server: Running) -> int:
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1"])
def test_hosts_beyond_this_machine(host):
    with pytest.raises(BappsmithError, match="--public-url"):
        public_address(host, 8000, None)
    warning = network_warning(host, public_address(host, 8000, "https://lab.example.org"))
    assert warning is not None
    assert "not encrypted" not in warning


def test_this_machine_needs_no_warning():
    address = public_address("127.0.0.1", 8000, None)
    assert network_warning("127.0.0.1", address) is None
    assert address.url == "http://127.0.0.1:8000"


def test_a_host_that_is_not_of_this_machine():
    with pytest.raises(BappsmithError, match=r"cannot listen|address of this machine"):
        listen("203.0.113.1", 0)
