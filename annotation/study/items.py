"""What a study asks about, and what it asks first."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

from bappsmith.manifests.errors import BappsmithError


def read_items(connection: sqlite3.Connection) -> set[tuple[str, int]]:
    """Return subset and index of every item."""
    query = "SELECT subsets.name, items.position FROM items JOIN subsets ON subsets.number = items.subset"
    return {(str(name), int(position)) for name, position in connection.execute(query)}


def set_priorities(connection: sqlite3.Connection, rows: Sequence[tuple[str, int, float]]) -> None:
    """Set the priority of some items. Raises what `Study.set_priorities` does."""
    numbers = dict(connection.execute("SELECT name, number FROM subsets").fetchall())
    for subset, index, priority in rows:
        if not math.isfinite(priority):
            raise BappsmithError(f"priority of item {index} of {subset} must be finite, found {priority}")
        changed = connection.execute(
            "UPDATE items SET priority = ? WHERE subset = ? AND position = ?",
            (float(priority), numbers.get(subset, -1), int(index)),
        )
        if changed.rowcount == 0:
            raise BappsmithError(f"item {index} of {subset} is not part of this study; give items of the study")
