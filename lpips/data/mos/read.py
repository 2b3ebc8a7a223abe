"""Recognise a set of people's scores by what lies in its folder, read it, and refuse what cannot be scored."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from . import csiq, kadid10k, live, pipal, tid2013
from .mos_set import MosItem, MosSet
from .table import read_table


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a published set.

    Attributes:
        marker: file or folder that only this set has.
        read: function from the folder to the set.
    """

    marker: str
    read: Callable[[Path], MosSet]


TABLE = "scores.csv"
"""Name of a CSV file that is found in a folder; see `read_table`."""
LAYOUTS = {
    "a CSV file": Layout(TABLE, lambda root: read_table(root / TABLE)),
    "KADID-10k": Layout(kadid10k.MARKER, kadid10k.read_kadid10k),
    "TID2013": Layout(tid2013.MARKER, tid2013.read_tid2013),
    "CSIQ": Layout(csiq.MARKER, csiq.read_csiq),
    "LIVE": Layout(live.MARKER, live.read_live),
    "PIPAL": Layout(pipal.MARKER, pipal.read_pipal),
}
"""Name → layout, in the order in which they are tried."""


def read_mos(path: str | Path) -> MosSet:
    """Read a set of people's scores.

    Args:
        path: a CSV file (see `read_table`), or the folder of a set in a layout of `LAYOUTS`.

    Returns:
        The set, ordered by reference, so that each is decoded once.

    Raises:
        BappsmithError: the layout is unknown, a file is damaged, there is no score, all scores are equal, one is not
            finite, an image is missing, or one has two scores.
    """
    path = Path(path)
    if path.is_dir():
        layout = next((layout for layout in LAYOUTS.values() if (path / layout.marker).exists()), None)
        if layout is None:
            known = ", ".join(f"{layout.marker} ({name})" for name, layout in LAYOUTS.items())
            raise BappsmithError(f"{path}: no known set of people's scores; looked for {known}")
        scored = layout.read(path)
    elif path.exists():
        scored = read_table(path)
    else:
        raise BappsmithError(f"{path}: no such file or folder; give a CSV file, or the folder of a set of scores")
    _refuse_bad(scored)
    return replace(
        scored, items=tuple(sorted(scored.items, key=lambda item: (str(item.reference), str(item.distorted))))
    )


def _refuse_bad(scored: MosSet) -> None:
    items = scored.items
    if not items:
        raise BappsmithError(f"{scored.root}: no scores; add lines with reference, distorted image and score")
    missing = _missing(items)
    if missing:
        raise BappsmithError(
            f"{scored.root}: {len(missing):,} of its images are missing, first {printable(missing[0])}; add them, "
            "or remove their lines"
        )
    wrong = [item for item in items if not math.isfinite(item.score)]
    if wrong:
        raise BappsmithError(
            f"{scored.root}: {len(wrong):,} scores are not finite, first {wrong[0].score} of "
            f"{printable(wrong[0].distorted.name)}; remove their lines"
        )
    counts = Counter((item.reference, item.distorted) for item in items)
    twice = [distorted for (_, distorted), count in counts.items() if count > 1]
    if twice:
        raise BappsmithError(
            f"{scored.root}: {len(twice):,} images have several scores, first {printable(twice[0].name)}; keep one "
            "line of each"
        )
    if len({item.score for item in items}) == 1:
        raise BappsmithError(
            f"{scored.root}: all {len(items):,} scores are {items[0].score:g}, so they order nothing; give scores "
            "that differ"
        )


def _missing(items: tuple[MosItem, ...]) -> list[str]:
    files = dict.fromkeys(str(path) for item in items for path in (item.reference, item.distorted))
    return [
        file for file in files if not os.path.isfile(file)
    ]  # unlike Path.is_file, False for a name that is too long
