"""Show text from outside in messages and pages: invisible characters become escapes."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Invisible, but part of the spelling of several languages and of emoji."""


def printable(text: str, limit: int | None = None) -> str:
    """Put text on one line: line breaks, control characters, invisible ones and lone surrogates become escapes.

    Args:
        text: any text.
        limit: number of characters to keep; "…" marks that more followed. None: all.

    Returns:
        Text without line breaks.
    """
    if limit is not None and len(text) > limit:
        text = f"{text[:limit]}…"
    return "".join(c if c.isprintable() or c in _JOINERS else c.encode("unicode_escape").decode() for c in text)
