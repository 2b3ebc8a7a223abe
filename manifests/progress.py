"""Telling how far a long piece of work is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total)."""


def under(what: str, progress: Progress | None) -> Callable[[int, int], None] | None:
    """The same for one piece of work, called with (done, total); None where nobody asked."""
    return None if progress is None else lambda done, total: progress(what, done, total)
