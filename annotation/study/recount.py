"""Count votes and leases anew, and compare them with the counters of items."""

from __future__ import annotations

import sqlite3

_DIFFERENCES = """
WITH answered AS (
    SELECT item, count(*) AS votes FROM showings JOIN answers ON showing = showings.number
    JOIN persons ON persons.number = person
    WHERE role = 'item' AND item IS NOT NULL AND NOT early AND rule IS NULL AND withdrawn IS NULL GROUP BY item
), held AS (
    SELECT item, count(*) AS leases FROM showings JOIN persons ON persons.number = person
    WHERE role = 'item' AND item IS NOT NULL AND state = 'open' AND rule IS NULL AND withdrawn IS NULL GROUP BY item
)
SELECT number, items.votes, coalesce(answered.votes, 0), items.leases, coalesce(held.leases, 0) FROM items
LEFT JOIN answered ON answered.item = number LEFT JOIN held ON held.item = number
WHERE items.votes <> coalesce(answered.votes, 0) OR items.leases <> coalesce(held.leases, 0)
"""


def check_counts(connection: sqlite3.Connection) -> list[str]:
    """Return one line per problem: a damaged page, a missing row, a counter that differs. None: an empty list."""
    problems = [
        f"item {item}: {votes} votes and {leases} leases are noted, {counted} and {held} are stored"
        for item, votes, counted, leases, held in connection.execute(_DIFFERENCES)
    ]
    problems += [
        f"showing {number} is {state}, but its answer is {'stored' if stored else 'missing'}"
        for number, state, stored in connection.execute(
            "SELECT number, state, showing IS NOT NULL FROM showings LEFT JOIN answers ON showing = number "
            "WHERE (state = 'answered') <> (showing IS NOT NULL)"
        )
    ]
    problems += [
        f"a row of {row[0]} refers to a missing row of {row[2]}"
        for row in connection.execute("PRAGMA foreign_key_check")
    ]
    problems += [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    return problems
