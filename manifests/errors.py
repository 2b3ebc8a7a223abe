"""The one exception that users meet, and the sentence that suggests the nearest known name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BappsmithError(Exception):
    """Something that the user gave cannot be used. The message is one readable line.

    It names the thing, what was allowed, what came, and what to do. The command line prints it and exits with status 1.
    No unfinished output is left that could pass for a finished one.
    """


def unknown_name(kind: str, came: str, known: Iterable[str]) -> BappsmithError:
    """Build the error for an unknown name; it suggests the most similar known name.

    Args:
        kind: what the name names, such as "operator" or "recipe key".
        came: the name that was given.
        known: every accepted name.

    Returns:
        The error. The caller raises it.
    """
    names = sorted(known)
    near = difflib.get_close_matches(came, names, n=1, cutoff=0.4)
    hint = f"did you mean '{near[0]}'?" if near else "none is similar."
    return BappsmithError(f"unknown {kind} '{came}': {hint} Known: {', '.join(names)}.")
