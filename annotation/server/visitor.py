"""Who opens the study: the owner of a personal link, a worker of a crowd platform, or nobody known."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from .replies import RefusedError

_IDENTITY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"


@dataclass(frozen=True)
class Platform:
    """Names of the parameters that a crowd platform adds to the address.

    Attributes:
        name: the platform, as the study stores it.
        person: parameter with the worker's id.
        visit: parameter with the id of this participation. One participation is one session.
    """

    name: str
    person: str
    visit: str


# https://docs.prolific.com: URL parameters PROLIFIC_PID, STUDY_ID and SESSION_ID.
# Amazon Mechanical Turk, ExternalQuestion: assignmentId, hitId, workerId; a preview has no assignment yet.
PLATFORMS = (
    Platform("prolific", "PROLIFIC_PID", "SESSION_ID"),
    Platform("mturk", "workerId", "assignmentId"),
)


@dataclass(frozen=True)
class Visitor:
    """One person, as the address says.

    Attributes:
        platform: "link", "prolific", "mturk" or "anonymous".
        identity: number of the link, worker's id, or random text. It is hashed before it is stored.
        visit: id of the participation at the platform, or "".
    """

    platform: str
    identity: str
    visit: str = ""


def crowd_visitor(query: Mapping[str, str]) -> Visitor | None:
    """Return the worker whom the parameters name, or None if they are no crowd platform's.

    Raises:
        RefusedError: an id is missing or malformed, or the task is only previewed.
    """
    for platform in PLATFORMS:
        if platform.person not in query and platform.visit not in query:
            continue
        if query.get(platform.visit) == _PREVIEW:
            raise RefusedError(403, "The platform shows this page before a task is accepted.", page="preview")
        person, visit = query.get(platform.person, ""), query.get(platform.visit, "")
        if not _IDENTITY.fullmatch(person):
            raise RefusedError(
                400, f"The parameter {platform.person} is no id of a worker. Please open the study from its platform."
            )
        if visit and not _IDENTITY.fullmatch(visit):
            raise RefusedError(
                400, f"The parameter {platform.visit} is no id. Please open the study from its platform."
            )
        return Visitor(platform.name, person, visit)
    return None


def anonymous_visitor() -> Visitor:
    """Return a person of whom nothing is known. The cookie recognizes the person later."""
    return Visitor("anonymous", secrets.token_urlsafe(16))
