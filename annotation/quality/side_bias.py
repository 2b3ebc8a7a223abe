"""Side bias: people who choose one side, whatever stands there. Sides are drawn for every showing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from .task_answers import TaskAnswers


def side_bias(answers: TaskAnswers) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Count how often every person chose the left side.

    Returns:
        Answers for the left side; answers to questions with sides; p-value of the exact binomial test of "both sides
        equally often" (twice the smaller tail, at most 1). Shape (P,) each.
    """
    size = len(answers.people)
    sided = answers.left >= 0
    total = np.bincount(answers.person[sided], minlength=size)
    left = np.bincount(answers.person[answers.left == 1], minlength=size)
    return left, total, np.minimum(1, 2 * binom.cdf(np.minimum(left, total - left), total, 0.5))
