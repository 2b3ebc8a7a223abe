"""Replies that say no: one line of JSON for the API, one page for people."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bappsmith.annotation.pages.page import error_page
from bappsmith.annotation.pages.texts import Texts


class RefusedError(Exception):
    """A request is refused. The message is one line that a person may read; it holds nothing from the request.

    Args:
        status: HTTP status.
        message: what is wrong, and what to do.
        headers: further headers of the reply.
        page: key of the text that people read, where the status does not tell it.
    """

    def __init__(
        self, status: int, message: str, headers: dict[str, str] | None = None, page: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}
        self.page = page


def refusal(request: Request, refused: RefusedError, texts: Texts) -> Response:
    """Return the reply to a refused request: JSON for what scripts ask for (/api, pictures, .json), else a page."""
    path = request.url.path
    if path.startswith(("/api/", "/picture/")) or path.endswith(".json"):
        reply: Response = JSONResponse({"error": refused.message}, refused.status)
    else:
        reply = HTMLResponse(error_page(texts, refused.status, refused.message, refused.page), refused.status)
    reply.headers.update(refused.headers)
    return reply
