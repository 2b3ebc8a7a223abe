"""The outermost check of a request: is it meant for this server, is there room, and did the application fail?"""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bappsmith.annotation.pages.texts import Texts

from .address import PublicAddress
from .replies import RefusedError, refusal

logger = logging.getLogger("bappsmith.annotation.server")


class Gate:
    """ASGI middleware that refuses foreign Host headers, foreign POSTs and too many requests at once.

    The traceback of an exception that no route expects goes to the log; the address of the request does not, because
    query strings may name people.

    Args:
        app: the application inside.
        address: where people reach the server.
        texts: what error pages say.
        most_requests: requests handled at the same time.
    """

    def __init__(self, app: ASGIApp, *, address: PublicAddress, texts: Texts, most_requests: int) -> None:
        self._app = app
        self._texts = texts
        self._address = address
        self._free = most_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            self._check(request)
        except RefusedError as refused:
            await refusal(request, refused, self._texts)(scope, receive, send)
            return
        self._free -= 1
        try:
            await self._app(scope, receive, send)
        except Exception:
            # What the routes refuse is answered inside. A reply that has begun is cut off by the server itself.
            logger.exception("%s %r failed", request.method, request.url.path)
        finally:
            self._free += 1

    def _check(self, request: Request) -> None:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or not self._address.serves(hosts[0]):
            raise RefusedError(421, f"This server answers to {self._address.url} only.")
        if request.method not in ("GET", "HEAD", "OPTIONS") and not self._address.same_origin(request.headers):
            raise RefusedError(403, "This request comes from a page of another site.")
        if self._free <= 0:
            raise RefusedError(429, "Too many requests at once. Please try again in a moment.", {"Retry-After": "2"})
