"""The door: GET / recognizes the person, sets the cookie and leads to the page, so that no identity stays in the address."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bappsmith.annotation.study.errors import ForgedError

from .context import Context
from .cookie import Entry, read_cookie, set_entry
from .replies import Refused
from .visitor import Visitor, anonymous_visitor, crowd_visitor

_LONGEST_QUERY = 2000
_MOST_PARAMETERS = 20


def entry_routes(context: Context) -> list[Route]:
    """Return the route of the door. It makes no session and draws nothing: browsers and mail programs prefetch links."""

    async def enter(request: Request) -> Response:
        query = _query(request)
        task = query.get("task", "")
        if task and task not in context.tasks:
            raise Refused(400, f"The study has no such task. Its tasks: {', '.join(context.tasks)}.")
        response = RedirectResponse("/judge", 303)
        visitor = _linked(query, context) or crowd_visitor(query)
        if visitor is not None:
            person = await context.database.run(context.study.enter, visitor.platform, visitor.identity)
            set_entry(response, context, Entry(person=person, task=task, visit=visitor.visit))
        elif task or not _known(request, context):
            set_entry(response, context, Entry(anonymous=anonymous_visitor().identity, task=task))
        return response  # a known browser without parameters goes on where it was

    return [Route("/", enter)]


def _query(request: Request) -> dict[str, str]:
    raw = request.scope["query_string"]
    if len(raw) > _LONGEST_QUERY:
        raise Refused(414, "The address is too long.")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise Refused(400, "The parameters of the address are malformed.") from None
    query = dict(pairs)
    if len(query) < len(pairs):
        raise Refused(400, "A parameter of the address stands there twice.")
    return query


def _linked(query: dict[str, str], context: Context) -> Visitor | None:
    if "link" not in query:
        return None
    try:
        return Visitor("link", context.study.secret.value("link", query["link"]))
    except ForgedError:
        raise Refused(403, "This link is not from this study. Please copy the whole link.") from None


def _known(request: Request, context: Context) -> bool:
    try:
        return read_cookie(request, context) is not None
    except Refused:
        return False  # a cookie of another study, or of this one with a new secret
