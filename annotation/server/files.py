"""What is the same for everybody: the page, its scripts and styles, and its texts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bappsmith.annotation.pages.files import StaticFile, static_file
from bappsmith.annotation.pages.page import judge_page

from .context import Context
from .replies import RefusedError

_STATUS_STYLE = StaticFile((Path(__file__).parent / "status.css").read_bytes(), "text/css; charset=utf-8")


def file_routes(context: Context) -> list[Route]:
    """Return the routes of page, files and texts. Files are known by name; no path is ever opened for a request."""
    page, texts = judge_page(context.settings.texts), context.settings.texts.as_json()

    async def judge(_: Request) -> Response:
        return HTMLResponse(page)

    async def texts_json(_: Request) -> Response:
        return JSONResponse(texts)

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        file = _STATUS_STYLE if name == "status.css" else static_file(name)
        if file is None:
            raise RefusedError(404, "There is no such file.")
        etag = f'"{hashlib.sha256(file.data).hexdigest()[:32]}"'
        headers = {
            "Cache-Control": "no-cache",
            "ETag": etag,
        }  # asks again, so that a new version is never mixed with an old one
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(file.data, media_type=file.media_type, headers=headers)

    return [Route("/judge", judge), Route("/texts.json", texts_json), Route("/static/{name}", static)]
