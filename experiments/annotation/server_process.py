"""The real annotation server in a process of its own, and its personal links."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

COMMAND = (sys.executable, "-c", "from bappsmith.cli.main import run; run()")


class Server:
    """The real server in a process of its own."""

    def __init__(self, dataset: Path, study: Path, port: int, settings: list[str]) -> None:
        self.port = port
        self._command = [
            *COMMAND,
            "annotate",
            "serve",
            str(dataset),
            "--study",
            str(study),
            "--port",
            str(port),
            *settings,
        ]
        self.resident: list[tuple[float, float]] = []
        self.started_in: list[float] = []

    async def start(self) -> None:
        started = time.perf_counter()
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"the server ended with status {self.process.returncode}") from None
                await asyncio.sleep(0.05)
            else:
                # The port is open before the study is: only an answer says that both are there.
                host = f"127.0.0.1:{self.port}"
                writer.write(f"GET /texts.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                await reader.read(1)
                writer.close()
                self.started_in.append(time.perf_counter() - started)
                return

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def cpu_seconds(self) -> float:
        """Return the processor time of the running process, which says more than a clock on a busy machine."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    async def watch(self) -> None:
        """Note the resident memory, MiB, every second."""
        page, began = os.sysconf("SC_PAGE_SIZE"), time.perf_counter()
        while True:
            try:
                resident = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * page / 2**20
            except (OSError, IndexError):
                pass  # between two servers
            else:
                self.resident.append((round(time.perf_counter() - began, 1), round(resident, 1)))
            await asyncio.sleep(1)


def personal_links(dataset: Path, study: Path, port: int, people: int) -> list[str]:
    """Ask the command for personal links, and return their paths."""
    command = [
        *COMMAND,
        "annotate",
        "links",
        str(dataset),
        "--study",
        str(study),
        "--people",
        str(people),
        "--port",
        str(port),
    ]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return [link.partition(f":{port}")[2] for link in printed]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]
