"""Reads finished datasets in every way, and prints what was written below them, which must be nothing.

Usage: python -m tests.faults.read FOLDER DATASET…

Reports are written to FOLDER. Prints one JSON object: `written` (operations), and `seen` (whether a write is noticed).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bappsmith.manifests.dataset import Dataset, open_subset
from bappsmith.pipeline.datasets.info import info
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.reports.report import write_report

from .operations import on_change


def main(arguments: Sequence[str]) -> None:
    """See above."""
    folder, *roots = map(Path, arguments)
    written: list[str] = []
    for root in roots:
        on_change(root, written.append)
    for number, root in enumerate(roots):
        if not verify(root, pixels=1, photos=str(folder / "photos")).clean:
            raise RuntimeError(f"{root} is not clean")
        info(root)
        write_report(root, folder / f"report-{number}", items=8, progress=lambda *_: None)
        for subset in Dataset(root).subsets():
            _ = (list(subset.rows()), subset[0], subset.labels(), open_subset(root / subset.name)[0])
            replay(root, subset.name, 0, photos=str(folder / "photos"))
    so_far = list(written)
    os.utime(roots[0] / "seal.json")
    print(json.dumps({"written": so_far, "seen": len(written) == len(so_far) + 1}))


if __name__ == "__main__":
    main(sys.argv[1:])
