"""Running the server: the socket, uvicorn, and an orderly end."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

from bappsmith.manifests.errors import BappsmithError

from .address import PublicAddress, is_loopback

_SECONDS_TO_FINISH = 10
_KEEP_ALIVE_SECONDS = 65  # longer than between two answers, so that a session needs one connection


def public_address(host: str, port: int, public_url: str | None) -> PublicAddress:
    """Return where people reach the server.

    Raises:
        BappsmithError: the server would listen beyond this machine, and nobody said under which address.
    """
    if public_url is not None:
        return PublicAddress.parse(public_url)
    if not is_loopback(host):
        raise BappsmithError(
            f"--host {host} listens beyond this machine: give --public-url with the address that people open, "
            "such as https://study.example.org (docs/annotation.md, 'Behind a reverse proxy with TLS')"
        )
    return PublicAddress("http", host.lower(), port)


def network_warning(host: str, address: PublicAddress) -> str | None:
    """Return what to say where people on other machines reach the server, or None."""
    if is_loopback(host):
        return None
    plain = (
        ""
        if address.scheme == "https"
        else f"; {address.url} is not encrypted, so answers and links can be read on the way"
    )
    return (
        f"listening on {host}, beyond this machine{plain}. This server speaks no TLS: put a reverse proxy with TLS "
        "(nginx, Caddy) in front, see docs/annotation.md, 'Behind a reverse proxy with TLS'"
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that a port in use is refused before a study is made or opened.

    Raises:
        BappsmithError: the port is in use or not allowed, or the host is not one of this machine.
    """
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BappsmithError(
            f"--host {host}: {error.strerror}; give an address of this machine, such as 127.0.0.1"
        ) from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(target)
        listening.listen(1024)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise BappsmithError(
                f"port {port} of {host} is in use: give another with --port, or 0 for a free one"
            ) from None
        raise BappsmithError(
            f"cannot listen on port {port} of {host}: {error.strerror}; give others with --host, --port"
        ) from None
    return listening


def run_server(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C; then finish what is in work, for 10 s at most, and return.

    Addresses of requests are never logged: query strings name people.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )
    _Server(config).run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that a signal ends without an error. Uvicorn's own raises the signal again at the end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        handled = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
