"""Sentinels: questions whose answer is obvious to everybody who looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .task_answers import POSITIVE, TaskAnswers


@dataclass(frozen=True)
class SentinelMark:
    """How many sentinels a person must answer rightly.

    Attributes:
        task: "2afc", "jnd" or "similar".
        expected: the right answer of the sentinels that this mark is for; None: all sentinels of the task.
        share: of right answers that passes.
        session: number of such sentinels in one session.
    """

    task: str
    expected: str | None
    share: float
    session: int

    def passed(self, right: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether people passed, bool, shape (P,).

        The share of wrong answers that is allowed is that of one session; sessions are pooled. A person fails as soon
        as there are more wrong answers than a whole session allows, so giving up early does not help.

        Args:
            right: right answers, shape (P,).
            total: answered sentinels, shape (P,).
        """
        allowed = np.floor((1 - self.share) * np.maximum(total, self.session) + 1e-9)
        return total - right <= allowed


SENTINEL_MARKS = (
    SentinelMark("2afc", None, 14 / 15, 15),
    SentinelMark("jnd", "same", 21 / 32, 32),
    SentinelMark("jnd", "different", 7 / 8, 8),
    SentinelMark("similar", None, 5 / 6, 6),
)
"""2AFC: Zhang et al. 2018. The others are chosen here, since the paper gives none for them. Of people who guess in JND,
5.5 % reach 21 of 32 identical pairs and 3.5 % reach 7 of 8 noisy ones, 0.2 % both. People who look and call one
identical pair in five different pass the first mark in 98.3 % of sessions."""


def sentinel_score(answers: TaskAnswers, mark: SentinelMark) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the right answers to sentinels, and all answers to them; int64, shape (P,) each."""
    asked = (answers.role == "sentinel") & (answers.expected >= 0)
    if mark.expected is not None:
        asked &= answers.expected == (mark.expected == POSITIVE[answers.task])
    size = len(answers.people)
    right = asked & (answers.positive == (answers.expected == 1))
    return np.bincount(answers.person[right], minlength=size), np.bincount(answers.person[asked], minlength=size)
