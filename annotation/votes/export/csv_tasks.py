"""A plain task list: one line per question, with the names of its pictures."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from bappsmith.annotation.study.task import CHOICES, PICTURES, Task

from .questions import Question

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(out: Path, task: Task, questions: Iterable[Question]) -> Path:
    """Write tasks-TASK.csv: subset, index, role, expected, choices, and one column per picture.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.

    Args:
        out: folder of the export.
        task: of all questions.
        questions: in the order of the lines.

    Returns:
        The file.
    """
    path = out / f"tasks-{task}.csv"
    names = PICTURES[task]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["subset", "index", "role", "expected", "choices", *names])
        for question in questions:
            index = "" if question.index is None else str(question.index)
            cells = [question.subset, index, question.role, question.expected or "", " ".join(CHOICES[task])]
            writer.writerow([_harmless(cell) for cell in (*cells, *(question.pictures[name] for name in names))])
    return path


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
