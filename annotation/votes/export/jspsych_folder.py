"""A static jsPsych experiment, for JATOS, Pavlovia, or any web server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from bappsmith.annotation.study.task import CHOICES, Task

from .questions import Question

FILES = ("index.html", "experiment.js")
"""Files that are the same for every export. `questions.js` holds what differs."""


def write_jspsych(out: Path, task: Task, questions: Iterable[Question], session: Mapping[str, Any], name: str) -> Path:
    """Write the folder of an experiment: index.html, experiment.js, questions.js, beside the pictures.

    Every person gets `items` items, drawn at random, with the sentinels and repeats among them. Sides are drawn in the
    browser for every showing.

    Args:
        out: folder of the experiment, with the pictures.
        task: of all questions.
        questions: items and sentinels.
        session: `items`, `repeats`, and times in ms: `show_ms` (0: until the answer) for 2afc and similar, `first_ms`,
            `gap_ms` and `second_ms` for jnd.
        name: of the study, for the title.

    Returns:
        index.html.
    """
    shipped = resources.files("bappsmith.annotation.votes.export") / "jspsych"
    for file in FILES:
        (out / file).write_bytes((shipped / file).read_bytes())
    rows = [
        [question.role, question.subset, question.index, question.expected, list(question.pictures.values())]
        for question in questions
    ]
    study = {"name": name, "task": task, "choices": CHOICES[task], **session}
    text = f"const STUDY = {_script(study)};\nconst QUESTIONS = {_script(rows)};\n"
    (out / "questions.js").write_text(text, encoding="utf-8")
    return out / "index.html"


def _script(value: object) -> str:
    """Return JSON that is valid inside of a script, whatever it holds."""
    return json.dumps(value).replace("<", "\\u003c")
