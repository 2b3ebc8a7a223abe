"""The status page, and the same as JSON, for those who have the status link."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bappsmith.annotation.study.errors import ForgedError

from .context import Context
from .replies import RefusedError
from .status_page import status_page

_SECONDS = 10
"""How long figures are kept: reading all votes again takes up to a second on large studies."""


def status_routes(context: Context) -> list[Route]:
    """Return the routes of the status."""
    figures = _Figures(context)

    async def page(request: Request) -> Response:
        _check_token(request, context)
        return HTMLResponse(status_page(await figures.get()))

    async def plain(request: Request) -> Response:
        _check_token(request, context)
        return JSONResponse(await figures.get())

    return [Route("/status", page), Route("/status.json", plain)]


class _Figures:
    """The status, computed once for all who ask within a few seconds."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._one_at_a_time = asyncio.Lock()
        self._known: dict[str, Any] | None = None
        self._until = 0.0

    async def get(self) -> dict[str, Any]:
        async with self._one_at_a_time:
            if self._known is None or time.monotonic() > self._until:
                self._known = await self._context.slow.run(self._compute)
                self._until = time.monotonic() + _SECONDS
            return self._known

    def _compute(self) -> dict[str, Any]:
        from bappsmith.annotation.votes.status import study_status  # scipy.stats takes a second

        return study_status(self._context.study).to_json()


def _check_token(request: Request, context: Context) -> None:
    try:
        context.study.secret.value("status", request.query_params.get("token", ""))
    except ForgedError:
        raise RefusedError(403, "This status link is not valid. Copy the whole link that the server printed.") from None
