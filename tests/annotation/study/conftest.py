"""A small source of questions in memory, a clock that a test moves, and people who answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.secrets import SECRET
from bappsmith.annotation.study.settings import JustNoticeable, Similar, StudySettings, TwoAlternatives
from bappsmith.annotation.study.source import UNRELATED
from bappsmith.annotation.study.study import Study
from bappsmith.annotation.study.task import PICTURES, SCREEN, Task
from bappsmith.distortions.patches import natural_patches

SMALL = StudySettings(
    votes=2,
    afc=TwoAlternatives(items=6, sentinels=3, repeats=1, training=2),
    jnd=JustNoticeable(items=4, sentinels=5, training=2),
    similar=Similar(items=4, sentinels=2, repeats=0, training=2),
)


class MemorySource:
    """Natural patches as items: the pictures of an item are neighbouring patches."""

    def __init__(self, subsets: dict[str, tuple[Task, int]], fingerprint: str = "a") -> None:
        self.root, self.fingerprint = "memory", fingerprint
        self._subsets = subsets
        self._patches = natural_patches(12, size=16)

    def tasks(self) -> dict[str, Task]:
        return {name: task for name, (task, _) in self._subsets.items()}

    def count(self, subset: str) -> int:
        return self._subsets[subset][1]

    def pictures(self, subset: str, index: int) -> dict[str, np.ndarray]:
        if subset == UNRELATED:
            return {"query": self._patches[index % 12], "candidate": 255 - self._patches[index % 12]}
        names = PICTURES[self._subsets[subset][0]]
        return {name: self._patches[(index + place) % 12] for place, name in enumerate(names)}


class Clock:
    """A time that a test moves, unix s."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> MemorySource:
    return MemorySource({"2afc/train/a": ("2afc", 10), "jnd/val/a": ("jnd", 8), "photos": ("similar", 8)})


@pytest.fixture
def study(tmp_path: Path, source: MemorySource, clock: Clock) -> Iterator[Study]:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / SECRET).write_text("0" * 63 + "1")  # the same draws at every run
    (folder / SECRET).chmod(0o600)
    with Study.create(folder, source, SMALL, clock=clock) as made:
        yield made


def begin(study: Study, identity: str, task: Task | None = "2afc") -> tuple[str, str]:
    """Bring a person to the questions; return session and tab. Training is answered."""
    session = study.session_of(study.enter("link", identity), task)
    tab = study.open_tab(session.id)
    study.set_stage(session.id, "instructions")
    study.set_stage(session.id, "training")
    answer_all(study, session.id, tab)
    study.set_stage(session.id, "questions")
    return session.id, tab


def answer_all(
    study: Study, session: str, tab: str, choose: Callable[[str], str] | None = None, limit: int = 10_000
) -> int:
    """Answer all questions of the stage, the first choice of the screen by default; return the number of answers."""
    task = study.session(session).task
    number = 0
    while number < limit and (showings := study.next_showings(session, tab, min(12, limit - number))):
        picked = [Answer(one.id, choose(one.id) if choose else SCREEN[task][0], 900.0) for one in showings]
        assert {receipt.status for receipt in study.answer(session, picked)} == {"stored"}
        number += len(showings)
    return number


@pytest.fixture(name="begin")
def _begin() -> Callable[..., tuple[str, str]]:
    return begin


@pytest.fixture(name="answer_all")
def _answer_all() -> Callable[..., int]:
    return answer_all


@pytest.fixture(name="small")
def _small() -> StudySettings:
    return SMALL


@pytest.fixture(name="memory_source")
def _memory_source() -> type[MemorySource]:
    return MemorySource
