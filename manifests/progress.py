"""Report the progress of long work."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (what is counted, number done, total number)."""


def under(what: str, progress: Progress | None) -> Callable[[int, int], None] | None:
    """Fix the first argument of a progress callback.

    Args:
        what: what is counted.
        progress: the callback; None if nobody asked for progress.

    Returns:
        A callback for (done, total), or None.
    """
    return None if progress is None else lambda done, total: progress(what, done, total)
