"""What a study refuses, by kind, so that a server can answer each with its own page."""

from __future__ import annotations

from bappsmith.manifests.errors import BappsmithError


class NothingLeftError(BappsmithError):
    """No question is left for this person now."""


class DiskFullError(BappsmithError):
    """The disk is full or cannot be written. Nothing of the call was stored."""


class StorageError(BappsmithError):
    """The database cannot be read or written now. Nothing of the call was stored; it may be sent again."""


class ForgedError(BappsmithError):
    """A token was not made with the secret of this study, is incomplete, is for another purpose, or is too old."""


class OtherTabError(BappsmithError):
    """The session was opened again elsewhere."""


class ChangedError(BappsmithError):
    """The pictures are not those that the study began with."""


class UnknownError(BappsmithError):
    """There is no such session, person or showing, or it belongs to another session."""


class WithdrawnError(BappsmithError):
    """The person withdrew from the study."""
