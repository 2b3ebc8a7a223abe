"""Write a file of pairs, which `read_pairs` reads."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write, atomic_write_bytes

from .pair_set import Pair


def write_pairs(path: str | Path, pairs: Iterable[Pair]) -> None:
    """Write pairs with `similar` of `votes` people; with `share` instead if votes are unknown.

    Args:
        path: CSV, or Parquet (suffix .parquet). An existing file is replaced.
        pairs: to write. Columns without any value are left out.

    Raises:
        BappsmithError: some pairs have votes and others only a share, or the file cannot be written.
    """
    path, pairs = Path(path), list(pairs)
    judged = [pair for pair in pairs if pair.share is not None]
    shares = [pair for pair in judged if not pair.votes]
    if shares and len(shares) < len(judged):
        raise BappsmithError(f"{path}: some pairs have votes and others only a share; write two files")
    columns: dict[str, list[str | int | float | None]] = {
        "query": [pair.query for pair in pairs],
        "candidate": [pair.candidate for pair in pairs],
    }
    if shares:
        columns["share"] = [pair.share for pair in pairs]
    else:
        columns["similar"] = [round((pair.share or 0) * pair.votes) for pair in pairs]
        columns["votes"] = [pair.votes for pair in pairs]
    if any(pair.inclusion is not None for pair in pairs):
        columns["inclusion"] = [pair.inclusion for pair in pairs]
    if any(pair.found_by for pair in pairs):
        columns["found_by"] = [pair.found_by for pair in pairs]
    try:
        if path.suffix.lower() == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            with atomic_write(path) as partial:
                pq.write_table(pa.table(columns), partial)
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        atomic_write_bytes(path, text.getvalue().encode())
    except OSError as error:
        raise BappsmithError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
