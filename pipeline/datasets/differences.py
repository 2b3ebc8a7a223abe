"""What differs between some files of a dataset and its seal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Differences:
    """What a task found.

    Attributes:
        number: that of the task.
        items: number of items that were checked.
        changed: files whose content does not match the seal.
        missing: files that do not exist.
    """

    number: int
    items: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
