"""What the study refuses, as HTTP: each kind has its status and a line for people, without paths of the server."""

from __future__ import annotations

import logging

from bappsmith.annotation.study.errors import (
    ChangedError,
    DiskFullError,
    ForgedError,
    NothingLeftError,
    OtherTabError,
    StorageError,
    UnknownError,
    WithdrawnError,
)
from bappsmith.manifests.errors import BappsmithError

from .replies import RefusedError

logger = logging.getLogger("bappsmith.annotation.server")

_KINDS: dict[type[BappsmithError], tuple[int, str]] = {
    ForgedError: (403, "This link or cookie is not from this study. Please open your link again."),
    UnknownError: (404, "There is no such session or question."),
    OtherTabError: (409, "The study was opened in another tab. Please go on there."),
    NothingLeftError: (410, "There is nothing left to judge. Thank you."),
    WithdrawnError: (410, "You withdrew from this study."),
    ChangedError: (503, "The pictures of this study changed. Please tell the person who invited you."),
    DiskFullError: (
        507,
        "The server cannot store answers now. Your last answers are kept in this browser. Please wait.",
    ),
    StorageError: (500, "The server cannot store answers now. Please try again in a moment."),
}
_FOR_THE_LAB = (ChangedError, DiskFullError, StorageError)
"""Kinds that the people who run the study must hear of."""


def as_refused(error: BappsmithError) -> RefusedError:
    """Return the reply to what the study refused. What the lab must know is logged."""
    for kind, (status, line) in _KINDS.items():
        if isinstance(error, kind):
            if kind in _FOR_THE_LAB:
                logger.error("%s", error)
            return RefusedError(status, line)
    logger.error("%s", error)
    return RefusedError(400, "The study cannot do this now. Please open your link again.")
