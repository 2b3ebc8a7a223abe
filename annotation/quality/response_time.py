"""Response times: people who answer before they can have seen the pictures, and programs that click by the clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .task_answers import TaskAnswers


def response_times(answers: TaskAnswers) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Measure the response times of every person.

    Returns:
        Number of answers with a known time; median, ms; interquartile range as a share of the median. Shape (P,) each.
        The last two are NaN without answers.
    """
    known = np.isfinite(answers.response_ms)
    person, times = answers.person[known], answers.response_ms[known]
    size = len(answers.people)
    count = np.bincount(person, minlength=size)
    median, spread = np.full(size, np.nan), np.full(size, np.nan)
    order = np.lexsort((times, person))
    for number, own in enumerate(np.split(times[order], np.cumsum(count)[:-1])):
        if len(own):
            low, median[number], high = np.quantile(own, (0.25, 0.5, 0.75))
            spread[number] = (high - low) / median[number] if median[number] > 0 else 0.0
    return count, median, spread
