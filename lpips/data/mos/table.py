"""A person's own scores: a CSV file with one line per distorted image."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .files import number, read_rows
from .mos_set import MosItem, MosSet

SCORE_COLUMNS = {"score": True, "mos": True, "dmos": False}
"""Column with scores → whether higher is better. DMOS is the difference from the reference: higher is worse."""


def read_table(path: Path) -> MosSet:
    """Read a CSV file with columns `reference`, `distorted` and one of `score`, `mos`, `dmos`.

    Columns `type` and `level` are read too; others are ignored. Paths of images are absolute, or start at the folder of
    the file. `score` and `mos` are higher for better images, `dmos` for worse ones.

    Args:
        path: the file.

    Raises:
        BappsmithError: the file cannot be read, a column is missing, a line has another number of cells, or a score is
            no number.
    """
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    columns = [name.lower() for name in header]
    scores = [name for name in columns if name in SCORE_COLUMNS]
    if columns.count("reference") != 1 or columns.count("distorted") != 1 or len(scores) != 1:
        raise BappsmithError(
            f"{path}: the first line must name the columns reference, distorted and one of score, mos (higher is "
            f"better), dmos (higher is worse), found '{printable(','.join(header), 80)}'; for a published set, give "
            "its folder"
        )
    items = []
    for line, cells in rows:
        if len(cells) != len(columns):
            raise BappsmithError(f"{path}: line {line} has {len(cells)} cells, the first line {len(columns)}; mend it")
        row = dict(zip(columns, cells, strict=True))
        reference, distorted = (path.parent / row[name] for name in ("reference", "distorted"))
        score = number(row[scores[0]], path, line)
        items.append(MosItem(reference, distorted, score, row.get("type", ""), row.get("level", "")))
    return MosSet(str(path), path, SCORE_COLUMNS[scores[0]], tuple(items))
