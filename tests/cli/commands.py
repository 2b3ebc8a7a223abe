"""What tests of several commands need."""

from __future__ import annotations

from pathlib import Path

import yaml


class Ran:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


def error(ran: Ran) -> str:
    """The one readable line of a failed command."""
    assert ran.status == 1
    lines = [line for line in ran.err.splitlines() if line.startswith("bappsmith: ")]
    assert len(lines) == 1
    assert "Traceback" not in ran.err
    return lines[0]


def write_recipe(path: Path, sources: dict[str, object], **change: object) -> Path:
    distort = {"operators": ["gaussian_blur", "jpeg"]}
    subsets = [
        {"path": "2afc/train/a", "triplets": 24, "distort": distort},
        {"path": "2afc/val/a", "triplets": 12, "distort": distort},
        {"path": "jnd/val/a", "pairs": 12, "distort": distort},
    ]
    path.write_text(yaml.safe_dump({"name": "mine", "patch": 32, "sources": sources, "subsets": subsets, **change}))
    return path
