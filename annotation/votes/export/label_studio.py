"""Tasks and labeling configuration for Label Studio."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from bappsmith.annotation.study.task import SCREEN, Task
from bappsmith.distortions.random import Draws

from .questions import Question

LOCAL_FILES = "/data/local-files/?d="
"""Where Label Studio serves files of its own machine, if LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED is true. The path
below LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT follows."""

_STYLE = "display: flex; justify-content: center; gap: 16px; background: #777; padding: 16px"
_2AFC = f"""<View>
  <Header value="Which of the two lower pictures is more like the upper one?"/>
  <View style="{_STYLE}"><Image name="reference" value="$reference"/></View>
  <Pairwise name="choice" toName="left,right"/>
  <View style="{_STYLE}">
    <Image name="left" value="$left_picture"/>
    <Image name="right" value="$right_picture"/>
  </View>
</View>
"""
_PAIR = """<View>
  <Header value="{header}"/>
  <View style="{style}">
    <Image name="first" value="$first"/>
    <Image name="second" value="$second"/>
  </View>
  <Choices name="choice" toName="first" choice="single" showInline="true" required="true">
    <Choice value="{yes}"/>
    <Choice value="{no}"/>
  </Choices>
</View>
"""
_HEADERS = {"jnd": "Do these two pictures look the same?", "similar": "Are these two pictures similar?"}


def write_label_studio(
    out: Path, task: Task, questions: Iterable[Question], pictures: str, seed: int
) -> tuple[Path, Path]:
    """Write tasks-TASK.json (import it in a project) and config-TASK.xml (its labeling interface).

    The side of p1 is drawn once per item and noted in the task's data as `left`. Sentinels are left out: Label Studio
    shows a task's data to everybody. Neither does it limit how long pictures are shown.

    Args:
        out: folder of the export.
        task: of all questions.
        questions: items.
        pictures: address before the paths of pictures, such as `LOCAL_FILES` and a folder, or https://…/
        seed: of the sides.

    Returns:
        Both files.
    """
    tasks, config = out / f"tasks-{task}.json", out / f"config-{task}.xml"
    separator = "[\n"
    with tasks.open("w", encoding="utf-8") as stream:
        for number, question in enumerate(questions):
            stream.write(separator + json.dumps({"data": _data(question, pictures, seed, number)}))
            separator = ",\n"
        stream.write("\n]\n")
    if task == "2afc":
        config.write_text(_2AFC, encoding="utf-8")
    else:
        yes, no = SCREEN[task]
        config.write_text(_PAIR.format(header=_HEADERS[task], style=_STYLE, yes=yes, no=no), encoding="utf-8")
    return tasks, config


def _data(question: Question, pictures: str, seed: int, number: int) -> dict[str, object]:
    links = {name: pictures + quote(path) for name, path in question.pictures.items()}
    data: dict[str, object] = {"subset": question.subset, "index": question.index}
    if question.task != "2afc":
        first, second = links.values()
        return {**data, "first": first, "second": second}
    left, right = ("p0", "p1") if Draws(seed, number).integer(2) == 0 else ("p1", "p0")
    return {
        **data,
        "left": left,
        "reference": links["ref"],
        "left_picture": links[left],
        "right_picture": links[right],
    }
