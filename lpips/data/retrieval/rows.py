"""Read the rows of a file of pairs, CSV or Parquet, with bounded memory."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bappsmith.lpips.data.mos.files import MAX_BYTES, read_rows
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.longest_text import longest_text
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.regular import open_regular

MAX_PAIRS = 1_000_000
"""Most pairs of a file: as many as items of a subset."""
MAX_UNPACKED = 2**30
"""Largest size of the columns of a Parquet file before compression, bytes."""
MAX_TEXT = 2**16
"""Longest text of a cell of a Parquet file, bytes. One long text could stand in every row."""
TEXT = ("query", "candidate", "found_by")
NUMBERS = ("similar", "votes", "share", "inclusion")

Row = dict[str, str | float | None]
"""Column → value, as the file gives it; None or an empty text if the cell is empty."""


def read_pair_rows(path: Path) -> tuple[list[str], Iterator[tuple[str, Row]]]:
    """Read a file of pairs.

    Args:
        path: a CSV file in UTF-8 with a first line of names, or a Parquet file (suffix .parquet).

    Returns:
        The known columns that it has, and its rows: (where, such as "line 2", column → value).

    Raises:
        BappsmithError: the file cannot be read, is too large, or a column has the wrong type. Rows raise it too.
    """
    return _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)


def _csv(path: Path) -> tuple[list[str], Iterator[tuple[str, Row]]]:
    lines = read_rows(path)
    _, header = next(lines, (0, []))
    columns = [name.lower() for name in header]
    twice = [name for name in (*TEXT, *NUMBERS) if columns.count(name) > 1]
    if twice:
        raise BappsmithError(f"{path}: the first line names column {twice[0]} twice; keep one")

    def rows() -> Iterator[tuple[str, Row]]:
        for count, (line, cells) in enumerate(lines):
            if count >= MAX_PAIRS:
                raise BappsmithError(f"{path}: more than {MAX_PAIRS:,} pairs; split the file")
            if len(cells) != len(columns):
                raise BappsmithError(
                    f"{path}: line {line} has {len(cells)} cells, the first line {len(columns)}; mend it"
                )
            yield f"line {line}", dict(zip(columns, cells, strict=True))

    return [name for name in columns if name in TEXT or name in NUMBERS], rows()


def _parquet(path: Path) -> tuple[list[str], Iterator[tuple[str, Row]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with open_regular(path) as stream:
            size = stream.seek(0, 2)
        if size > MAX_BYTES:
            raise BappsmithError(f"{path}: {size:,} bytes; a file of pairs has at most {MAX_BYTES:,}")
        with pq.ParquetFile(path) as file:
            schema, metadata = file.schema_arrow, file.metadata
            unpacked = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    except (pa.ArrowException, OSError) as error:
        raise BappsmithError(
            f"{path}: not a Parquet file that can be read ({printable(str(error), 200)}); restore it"
        ) from error
    if metadata.num_rows > MAX_PAIRS:
        raise BappsmithError(f"{path}: {metadata.num_rows:,} pairs; a file has at most {MAX_PAIRS:,}; split it")
    if unpacked > MAX_UNPACKED:
        raise BappsmithError(f"{path}: {unpacked:,} bytes when unpacked; at most {MAX_UNPACKED:,} are read")
    columns = [name for name in (*TEXT, *NUMBERS) if name in schema.names]
    for name in columns:
        if schema.names.count(name) > 1:
            raise BappsmithError(f"{path}: column {name} occurs twice; keep one")
        kind = schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind)
        if not (text if name in TEXT else number):
            wanted = "text" if name in TEXT else "numbers"
            raise BappsmithError(f"{path}: column {name} holds {wanted}, found type {kind}; convert it")

    def rows() -> Iterator[tuple[str, Row]]:
        count = 0
        try:
            # As dictionaries, names that occur often are in memory once.
            names = [name for name in columns if name in TEXT]
            with pq.ParquetFile(path, read_dictionary=names) as file:
                for batch in file.iter_batches(batch_size=8192, columns=columns, use_threads=False):
                    batch.validate(full=True)
                    for name in names:
                        if (longest := longest_text(batch.column(name))) > MAX_TEXT:
                            raise BappsmithError(
                                f"{path}: row {count} or a later one: {name} has {longest:,} bytes, at most "
                                f"{MAX_TEXT:,}; mend it"
                            )
                    for row in batch.to_pylist():
                        yield f"row {count}", row
                        count += 1
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise BappsmithError(
                f"{path}: row {count} or a later one is damaged ({printable(str(error), 200)}); restore the file"
            ) from error

    return columns, rows()


def as_number(value: Any) -> float | None:
    """Return the number of a cell; None if it is empty.

    Raises:
        ValueError: it is not a number.
    """
    return None if value is None or value == "" else float(value)
