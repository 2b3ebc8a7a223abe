"""All answers as a table without names, to give away."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import hmac
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bappsmith.manifests.store.atomic import atomic_write

DAY_S = 86_400.0


def anonymous_votes(votes: pa.Table, key: bytes) -> pa.Table:
    """Replace what could name somebody.

    - People become p0001, p0002 … and sessions s0001 …, in an order that only `key` decides. The same study gives the
      same numbers as long as nobody joins.
    - `received` becomes `day`: whole days since the first answer of the study. Whoever knows when somebody took part,
      such as a crowd platform or a colleague, could find this person by a time stamp. Order within a session is in
      `place`.
    - The platform is left out. Response times are rounded to 1 ms, durations shown to 1 ms, and frames to 0.1 ms.
    - Answers of people who withdrew are left out.
    - Rows are sorted by number, session and place, so their order says nothing either.

    Args:
        votes: columns `VOTE_SCHEMA`.
        key: secret bytes.
    """
    first = pc.min(votes["received"]).as_py() or 0.0
    day = np.floor((votes["received"].to_numpy() - first) / DAY_S).astype(np.int32)
    columns = {
        "person": _numbered(votes["person"], key, "p"),
        "session": _numbered(votes["session"], key, "s"),
        "day": pa.array(day),
    }
    for name in votes.schema.names:
        if name not in ("person", "session", "platform", "received"):
            columns[name] = votes[name]
    for name, digits in (("response_ms", 0), ("shown_ms", 0), ("asked_ms", 0), ("frame_ms", 1)):
        columns[name] = pc.round(votes[name], digits)
    table = pa.table(columns).filter(pc.not_equal(votes["reason"], "withdrawn"))
    return table.sort_by([("person", "ascending"), ("session", "ascending"), ("place", "ascending")])


def write_raw_votes(path: Path, votes: pa.Table, key: bytes) -> int:
    """Write `anonymous_votes` as a Parquet file, atomically; return the number of rows."""
    table = anonymous_votes(votes, key)
    with atomic_write(path) as partial:
        pq.write_table(table, partial, compression="zstd")
    return len(table)


def _numbered(column: pa.ChunkedArray, key: bytes, letter: str) -> pa.Array:
    names = sorted(
        pc.unique(column).to_pylist(), key=lambda name: hmac.digest(key, f"{letter} {name}".encode(), "sha256")
    )
    width = max(4, len(str(len(names))))
    numbers = {name: f"{letter}{number:0{width}d}" for number, name in enumerate(names, 1)}
    return pa.array([numbers[name] for name in column.to_pylist()])


def numbers_of_people(votes: pa.Table, key: bytes) -> dict[str, str]:
    """Return hash → number of everybody, as in the raw votes."""
    return dict(zip(votes["person"].to_pylist(), _numbered(votes["person"], key, "p").to_pylist(), strict=True))
