"""All answers of a study as a table."""

from __future__ import annotations

import sqlite3

import pyarrow as pa

VOTE_SCHEMA = pa.schema(
    [
        ("person", pa.string()),
        ("session", pa.string()),
        ("platform", pa.string()),
        ("task", pa.string()),
        ("role", pa.string()),
        ("subset", pa.string()),
        ("index", pa.int32()),
        ("p1_left", pa.bool_()),
        ("choice", pa.string()),
        ("expected", pa.string()),
        ("place", pa.int32()),
        ("response_ms", pa.float64()),
        ("shown_ms", pa.float64()),
        ("asked_ms", pa.float64()),
        ("frame_ms", pa.float64()),
        ("received", pa.float64()),
        ("counted", pa.bool_()),
        ("reason", pa.string()),
    ]
)
"""One row per answer, in the order in which showings were made. `index` is null for sentinels and training, `p1_left`
where there are no sides, `expected` where no right answer is known, `shown_ms` if unknown. `received` is in unix s.
Only answers with role item that are `counted` are votes; `reason` says why one does not count: "early",
"set aside: RULE", "withdrawn"."""

_BATCH = 20_000

_QUERY = """
SELECT persons.id AS person, sessions.id AS session, platform, sessions.task AS task, role, subsets.name AS subset,
    position AS "index", p1_left, choice, expected, place, response_ms, shown_ms, asked_ms, frame_ms, received,
    withdrawn IS NULL AND rule IS NULL AND NOT early AS counted,
    CASE WHEN withdrawn IS NOT NULL THEN 'withdrawn' WHEN early THEN 'early'
        WHEN rule IS NOT NULL THEN 'set aside: ' || rule ELSE '' END AS reason
FROM answers
JOIN showings ON showings.number = showing
JOIN sessions ON sessions.number = session
JOIN persons ON persons.number = showings.person
LEFT JOIN items ON items.number = item
LEFT JOIN subsets ON subsets.number = items.subset
ORDER BY showing
"""


def read_votes(connection: sqlite3.Connection) -> pa.Table:
    """Read all answers, with the columns `VOTE_SCHEMA`."""
    cursor = connection.execute(_QUERY)
    flags = ("p1_left", "counted")
    batches: list[pa.RecordBatch] = []
    while rows := cursor.fetchmany(_BATCH):
        columns = dict(zip(VOTE_SCHEMA.names, map(list, zip(*rows, strict=True)), strict=True))
        for name in flags:
            columns[name] = [None if value is None else bool(value) for value in columns[name]]
        batches.append(pa.RecordBatch.from_pydict(columns, schema=VOTE_SCHEMA))
    return pa.Table.from_batches(batches, VOTE_SCHEMA)
