from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from bappsmith.annotation.quality.sentinel_score import SENTINEL_MARKS, SentinelMark, sentinel_score
from bappsmith.annotation.quality.task_answers import task_answers

PAPER = SENTINEL_MARKS[0]


@pytest.mark.parametrize(
    ("right", "total", "passed"),
    [(14, 15, True), (13, 15, False), (15, 15, True), (28, 30, True), (27, 30, False), (0, 0, True)],
)
def test_the_mark_of_the_paper_is_14_of_15(right: int, total: int, passed: bool):
    assert PAPER.passed(np.array([right]), np.array([total])).tolist() == [passed]


def test_whoever_gives_up_with_two_wrong_answers_has_failed_already():
    assert PAPER.passed(np.array([2, 2]), np.array([3, 4])).tolist() == [True, False]


@pytest.mark.parametrize("mark", SENTINEL_MARKS, ids=lambda mark: f"{mark.task} {mark.expected}")
def test_a_whole_session_needs_the_share_of_the_mark(mark: SentinelMark):
    least = round(mark.share * mark.session)
    counts = np.array([least, least - 1])
    assert mark.passed(counts, np.full(2, mark.session)).tolist() == [True, False]


def test_identical_and_noisy_pairs_are_counted_apart(simulated: ModuleType):
    always_same = simulated.Person(lapse=1, left=1)
    answers = task_answers(simulated.simulate([always_same], np.zeros(10), task="jnd", per_session=10), "jnd")
    same, different = SENTINEL_MARKS[1:3]
    assert [part.tolist() for part in sentinel_score(answers, same)] == [[32], [32]]
    assert [part.tolist() for part in sentinel_score(answers, different)] == [[0], [8]]
