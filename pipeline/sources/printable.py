"""Names and foreign messages made safe for one line of text."""

from __future__ import annotations


def printable(text: str) -> str:
    """Text for a message: characters that break lines or cannot be printed are written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
