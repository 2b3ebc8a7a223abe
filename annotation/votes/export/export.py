"""Write the task list of a study for another tool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from bappsmith.annotation.study.settings import JustNoticeable, StudySettings
from bappsmith.annotation.study.source import QuestionSource
from bappsmith.annotation.study.task import Task

from .csv_tasks import write_csv
from .jspsych_folder import write_jspsych
from .label_studio import LOCAL_FILES, write_label_studio
from .questions import Question, new_folder, write_items, write_sentinels

Tool = Literal["csv", "label-studio", "jspsych"]


def export_tasks(
    source: QuestionSource,
    items: Sequence[tuple[str, int]],
    tool: Tool,
    out: Path,
    *,
    settings: StudySettings,
    pictures: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write questions and pictures, task by task.

    Args:
        source: of the pictures.
        items: (subset, index) of all items to ask about.
        tool: "csv", "label-studio" or "jspsych".
        out: new or empty folder.
        settings: numbers of questions, and times.
        pictures: Label Studio: address before the paths of pictures. None: `LOCAL_FILES` and the name of `out`.
        progress: called with (number of items done, their total).

    Returns:
        The files to open first.

    Raises:
        BappsmithError: the folder has files, or a picture cannot be read.
    """
    new_folder(out)
    tasks, made, done = source.tasks(), list[Path](), 0

    def counted(questions: Iterator[Question]) -> Iterator[Question]:
        nonlocal done
        for question in questions:
            yield question
            done += 1
            if progress is not None:
                progress(done, len(items))

    chosen: dict[Task, None] = dict.fromkeys(tasks[subset] for subset, _ in items)
    for task in chosen:
        own = [(subset, index) for subset, index in items if tasks[subset] == task]
        folder = out / task if tool == "jspsych" else out
        folder.mkdir(exist_ok=True)
        questions = counted(write_items(source, task, own, folder))
        count = settings.of(task).sentinels
        if tool == "label-studio":
            prefix = f"{LOCAL_FILES}{out.resolve().name}/" if pictures is None else pictures
            made += write_label_studio(out, task, questions, prefix, settings.seed)
            continue
        questions = chain(questions, write_sentinels(source, task, own, count, folder, settings.seed))
        if tool == "csv":
            made.append(write_csv(out, task, questions))
        else:
            made.append(write_jspsych(folder, task, questions, _session(settings, task), Path(source.root).name))
    return made


def _session(settings: StudySettings, task: Task) -> dict[str, Any]:
    own = settings.of(task)
    session = {"items": own.items, "repeats": own.repeats}
    if isinstance(own, JustNoticeable):
        return {**session, "first_ms": own.first_ms, "gap_ms": own.gap_ms, "second_ms": own.second_ms}
    return {**session, "show_ms": own.show_ms}
