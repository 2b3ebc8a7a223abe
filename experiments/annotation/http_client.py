"""A small HTTP/1.1 client for load tests: one connection per person, no library between the clock and the socket."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reply:
    """Status, headers (lower case) and body of a response."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Latencies:
    """Seconds per kind of request, of requests that were answered."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, taken: float) -> None:
        self.seconds.setdefault(kind, []).append(taken)


class Connection:
    """One keep-alive connection with one cookie. A request that the server did not answer is sent again until it is.

    Args:
        host: where the server listens.
        port: its port.
        latencies: where times are noted.
    """

    def __init__(self, host: str, port: int, latencies: Latencies) -> None:
        self._host, self._port, self._latencies = host, port, latencies
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.cookie = ""
        self.sent_again = 0

    async def get(self, path: str) -> Reply:
        return await self._until_answered("GET", path, b"", path.split("/")[1].split("?")[0] or "enter")

    async def post(self, path: str, body: Any) -> Reply:
        return await self._until_answered("POST", path, json.dumps(body).encode(), path.removeprefix("/api/"))

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _until_answered(self, method: str, path: str, body: bytes, kind: str) -> Reply:
        wait = 0.02
        while True:
            try:
                started = time.perf_counter()
                reply = await self._once(method, path, body)
            except (OSError, EOFError, ValueError):  # the server was killed, or is not back yet
                await self.close()
            else:
                if reply.status not in (429, 500, 507):
                    self._latencies.add(kind, time.perf_counter() - started)
                    return reply
            self.sent_again += 1
            await asyncio.sleep(wait)
            wait = min(2 * wait, 0.5)

    async def _once(self, method: str, path: str, body: bytes) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        if self.cookie:
            head.append(f"Cookie: {self.cookie}")
        if method == "POST":
            head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
            head.append(f"Origin: http://{self._host}:{self._port}")
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        if "set-cookie" in headers:
            self.cookie = headers["set-cookie"].partition(";")[0]
        if headers.get("connection") == "close":
            await self.close()
        return Reply(int(lines[0].split()[1]), headers, content)
