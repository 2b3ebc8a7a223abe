"""How long the texts of a column of Parquet are, before they become Python's."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def longest_text(column: pa.ChunkedArray | pa.Array) -> int:
    """Return the length of the longest text, bytes; 0 without any.

    A dictionary holds equal texts once. It is not unpacked, since a long text could stand in millions of rows.

    Args:
        column: texts, or dictionaries of texts.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    texts = [chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk for chunk in chunks]
    return max((pc.max(pc.binary_length(text)).as_py() or 0 for text in texts), default=0)
