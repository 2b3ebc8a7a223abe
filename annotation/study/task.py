"""The tasks that people can be given, and the words for what they answer and see."""

from __future__ import annotations

from typing import Literal, get_args

Task = Literal["2afc", "jnd", "similar"]
TASKS: tuple[Task, ...] = get_args(Task)
Role = Literal["item", "repeat", "sentinel", "training"]
"""Why a question is asked: for its answer; a second time, for self-consistency; to see whether the person takes part
with attention; to explain the task."""
Stage = Literal["consent", "instructions", "training", "questions", "done"]
STAGES: tuple[Stage, ...] = get_args(Stage)

PICTURES: dict[Task, tuple[str, ...]] = {
    "2afc": ("ref", "p0", "p1"),
    "jnd": ("p0", "p1"),
    "similar": ("query", "candidate"),
}
"""Names of the pictures of an item, as a source gives them."""
SCREEN: dict[Task, tuple[str, ...]] = {
    "2afc": ("left", "right"),
    "jnd": ("same", "different"),
    "similar": ("similar", "different"),
}
"""What a person can choose on the screen."""
CHOICES: dict[Task, tuple[str, ...]] = {**SCREEN, "2afc": ("p0", "p1")}
"""What is stored of it."""


def stored_choice(task: Task, pressed: str, p1_left: bool | None) -> str:
    """Translate what was chosen on the screen into what is stored.

    Args:
        task: of the question.
        pressed: one of `SCREEN[task]`.
        p1_left: whether p1 was shown on the left; None where there are no sides.
    """
    if task != "2afc":
        return pressed
    return "p1" if (pressed == "left") == bool(p1_left) else "p0"
