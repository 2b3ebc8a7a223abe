"""The table of all answers of a study. What is learnt from answers is a function of this table."""

from __future__ import annotations

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
"""One row per answer.

- `person`: salted hash; `session`: one run of a person; `platform`: where the person came from.
- `task`: 2afc, jnd or similar. `role`: item, repeat, sentinel or training.
- `subset`, `index`: the item. `index` is null for sentinels and training.
- `p1_left`: whether p1 stood on the left; null where there are no sides.
- `choice`: p0 or p1 (2afc), same or different (jnd), similar or different (similar).
- `expected`: the right answer of a sentinel or training question, else null.
- `place`: position in the session, from 0.
- `response_ms`, `shown_ms`, `asked_ms`, `frame_ms`: response time; duration shown, duration asked for, and duration of a
  frame of the display, ms; null if unknown.
- `received`: time stamp, s since 1970.
- `counted`: whether the answer is a vote. `reason`: why not: "", "early", or "set aside: RULE".
"""
