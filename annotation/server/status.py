"""The status page, and the same as JSON."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bappsmith.annotation.study.errors import ForgedError

from .context import Context
from .replies import Refused


def status_routes(context: Context) -> list[Route]:
    """Return the routes of the status."""

    async def status_json(request: Request) -> Response:
        _check_token(request, context)
        return JSONResponse({"votes": context.study.progress().votes})

    return [Route("/status.json", status_json)]


def _check_token(request: Request, context: Context) -> None:
    try:
        context.study.secret.value("status", request.query_params.get("token", ""))
    except ForgedError:
        raise Refused(403, "This status link is not from this study. Copy the whole link that the server printed.") from None
