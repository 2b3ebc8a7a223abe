"""The cookie: who the browser is, signed with the study's secret."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from bappsmith.annotation.study.errors import ForgedError
from bappsmith.annotation.study.secrets import Secret
from bappsmith.annotation.study.task import Task

from .context import Context
from .replies import RefusedError

_SECONDS = 30 * 24 * 3600  # a person may go on for a month; chosen here


def cookie_name(secret: Secret) -> str:
    """Return the name of the study's cookie. Studies on one host have names of their own: cookies ignore ports."""
    return f"bappsmith-{secret.mark[:8]}"


@dataclass(frozen=True)
class Entry:
    """A person who came in and has no session yet: the value of a first cookie.

    Attributes:
        person: hash of the person. An anonymous person's is "" and made with the session, because a crawler opens the
            address without ever judging.
        anonymous: random text that stands for an anonymous person, else "".
        task: the task asked for, or None.
        visit: hash of the participation at a crowd platform, or "".
    """

    person: str = ""
    anonymous: str = ""
    task: Task | None = None
    visit: str = ""


def set_entry(response: Response, context: Context, entry: Entry) -> None:
    """Give the browser the cookie of a person who came in."""
    _set(response, context, context.study.secret.token("entry", json.dumps(asdict(entry))))


def set_session(response: Response, context: Context, session: str) -> None:
    """Give the browser the cookie of its session."""
    _set(response, context, context.study.secret.token("session", session))


def read_cookie(request: Request, context: Context) -> Entry | str | None:
    """Return the entry, or the id of the session, or None where there is no cookie.

    Raises:
        RefusedError: 403, the cookie is not the study's.
    """
    token = request.cookies.get(cookie_name(context.study.secret))
    if token is None:
        return None
    try:
        return context.study.secret.value("session", token)
    except ForgedError:
        pass
    try:
        return Entry(**json.loads(context.study.secret.value("entry", token)))
    except ForgedError:
        raise RefusedError(403, "The cookie is not from this study. Please open your link again.") from None


def session_id(request: Request, context: Context) -> str:
    """Return the id of the browser's session.

    Raises:
        RefusedError: 403, the browser has no session.
    """
    cookie = read_cookie(request, context)
    if not isinstance(cookie, str):
        raise RefusedError(403, "This browser has no session. Please open your link again.")
    return cookie


def _set(response: Response, context: Context, token: str) -> None:
    https = context.settings.address.scheme == "https"
    name = cookie_name(context.study.secret)
    response.set_cookie(name, token, max_age=_SECONDS, path="/", secure=https, httponly=True, samesite="lax")
