"""The Starlette application of a study."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from bappsmith.annotation.study.study import Study
from bappsmith.manifests.errors import BappsmithError

from .api import Api
from .context import Context
from .entry import entry_routes
from .files import file_routes
from .gate import Gate
from .headers import DefaultHeaders
from .housekeeping import Housekeeping
from .picture import picture_routes
from .replies import RefusedError, refusal
from .settings import ServerSettings
from .status import status_routes
from .study_errors import as_refused


def make_app(study: Study, settings: ServerSettings) -> ASGIApp:
    """Return the application that serves a study.

    Args:
        study: open for writing. The caller closes it, after the application's shutdown.
        settings: what the lab told the server.

    Returns:
        An ASGI application; rules and priorities work while its lifespan lasts.
    """
    context = Context(study, settings)
    housekeeping = Housekeeping(context)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        work = asyncio.create_task(housekeeping.run())
        yield
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        context.close()

    async def refused(request: Request, error: Exception) -> Response:
        reply = _reply(error)
        if reply.status == 405 and request.method == "OPTIONS":
            return Response(status_code=204, headers=reply.headers)
        return refusal(request, reply, settings.texts)

    app = Starlette(
        routes=[
            *entry_routes(context),
            *file_routes(context),
            *Api(context, housekeeping).routes(),
            *picture_routes(context),
            *status_routes(context),
        ],
        exception_handlers={RefusedError: refused, BappsmithError: refused, HTTPException: refused, Exception: refused},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    gate = Gate(app, address=settings.address, texts=settings.texts, most_requests=settings.most_requests)
    return DefaultHeaders(gate, https=settings.address.scheme == "https")


def _reply(error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, BappsmithError):
        return as_refused(error)
    if isinstance(error, HTTPException) and error.status_code == 405:
        return RefusedError(405, "This address does not know the method.", dict(error.headers or {}))
    if isinstance(error, HTTPException):
        return RefusedError(404, "There is no such page.")
    return RefusedError(500, "The server failed. Please try again in a moment.")  # `Gate` logs the error
