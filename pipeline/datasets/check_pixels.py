"""Make an item again from its photograph, and compare."""

from __future__ import annotations

from dataclasses import dataclass

from .replay import replay


@dataclass(frozen=True, slots=True)
class ReplayTask:
    """All that a worker receives to make an item again.

    Attributes:
        root: folder or address of the dataset.
        subset: path of the subset.
        index: position of the item in it.
        photos: folder or address of the photographs.
        plugins: see `replay`.
    """

    root: str
    subset: str
    index: int
    photos: str
    plugins: tuple[str, ...]

    def __str__(self) -> str:
        return f"item {self.index} of {self.subset}"


def check_pixels(task: ReplayTask) -> tuple[ReplayTask, str] | None:
    """Make an item again. Return it with a description if its plan or pixels differ, else None."""
    replayed = replay(task.root, task.subset, task.index, photos=task.photos, plugins=task.plugins)
    if replayed.same_plan and all(replayed.same_pixels.values()):
        return None
    differing = ", ".join(f"{k} {a} → {b}" for k, (a, b) in replayed.versions.items())
    return task, f"{task.subset} {task.index} ({differing or 'same versions'})"
