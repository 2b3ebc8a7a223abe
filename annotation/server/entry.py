"""The door: GET / recognizes the person, sets the cookie and leads on, so that no identity stays in the address."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bappsmith.annotation.study.errors import ForgedError
from bappsmith.annotation.study.task import TASKS, Task

from .context import Context
from .cookie import Entry, read_cookie, set_entry
from .replies import RefusedError
from .visitor import Visitor, anonymous_visitor, crowd_visitor

_LONGEST_QUERY = 2000
_MOST_PARAMETERS = 20


def entry_routes(context: Context) -> list[Route]:
    """Return the route of the door. It makes no session and draws nothing: mail programs prefetch links."""

    async def enter(request: Request) -> Response:
        query = _query(request)
        task = _task(query, context)
        response = RedirectResponse("/judge", 303)
        visitor = _linked(query, context) or crowd_visitor(query)
        if visitor is not None:
            person = await context.database.run(context.study.enter, visitor.platform, visitor.identity)
            set_entry(response, context, Entry(person=person, task=task, visit=visitor.visit))
        elif task is not None or not _known(request, context):
            set_entry(response, context, Entry(anonymous=anonymous_visitor().identity, task=task))
        return response  # a known browser without parameters goes on where it was

    return [Route("/", enter)]


def _query(request: Request) -> dict[str, str]:
    raw = request.scope["query_string"]
    if len(raw) > _LONGEST_QUERY:
        raise RefusedError(414, "The address is too long.")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise RefusedError(400, "The parameters of the address are malformed.") from None
    query = dict(pairs)
    if len(query) < len(pairs):
        raise RefusedError(400, "A parameter of the address stands there twice.")
    return query


def _task(query: dict[str, str], context: Context) -> Task | None:
    wanted = query.get("task")
    if wanted is None:
        return None
    for task in TASKS:
        if task == wanted and task in context.tasks:
            return task
    raise RefusedError(400, f"The study has no such task. Its tasks: {', '.join(context.tasks)}.")


def _linked(query: dict[str, str], context: Context) -> Visitor | None:
    if "link" not in query:
        return None
    try:
        return Visitor("link", context.study.secret.value("link", query["link"]))
    except ForgedError:
        raise RefusedError(403, "This link is not from this study. Please copy the whole link.") from None


def _known(request: Request, context: Context) -> bool:
    try:
        return read_cookie(request, context) is not None
    except RefusedError:
        return False  # a cookie of another study, or of this one with a new secret
