"""Text from outside in messages and pages: what cannot be seen is shown as an escape."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Invisible, but part of the spelling of several languages and of emoji."""


def printable(text: str, limit: int | None = None) -> str:
    """The text in one line: line breaks, control characters, invisible ones and lone surrogates become escapes.

    Args:
        text: any text.
        limit: characters of it to keep; what is left out is marked by "…".
    """
    if limit is not None and len(text) > limit:
        text = f"{text[:limit]}…"
    return "".join(c if c.isprintable() or c in _JOINERS else c.encode("unicode_escape").decode() for c in text)
