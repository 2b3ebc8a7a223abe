"""What is known about one person, task by task."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Failure:
    """A rule that somebody does not meet.

    Attributes:
        rule: its name.
        detail: the figures, in one line.
    """

    rule: str
    detail: str


@dataclass(frozen=True)
class PersonReport:
    """Measures of one person's answers to one task. NaN where nothing is known.

    Attributes:
        person: hash.
        task: "2afc", "jnd" or "similar".
        votes: judged items, without repeats.
        sentinels_right: right answers to sentinels.
        sentinels: answers to sentinels.
        median_ms: median response time.
        spread: interquartile range of the response time as a share of the median.
        left: share of answers for the left side.
        left_p: p-value of the exact binomial test of "both sides equally often".
        consistent: equal answers to repeated items.
        repeats: answers to repeated items.
        consistency: the same, chance-corrected; see `self_consistency`.
        agreement: share of the others' votes that the person agrees with, over items that two others judged.
        relative_agreement: 1 like the others, 0 by chance, below 0 on purpose; see `agreement`.
        reliability: mean of sensitivity and specificity; see `dawid_skene`.
        failures: the rules that the person does not meet; empty: none.
    """

    person: str
    task: str
    votes: int
    sentinels_right: int
    sentinels: int
    median_ms: float
    spread: float
    left: float
    left_p: float
    consistent: int
    repeats: int
    consistency: float
    agreement: float
    relative_agreement: float
    reliability: float
    failures: tuple[Failure, ...]

    def to_json(self, name: str) -> dict[str, Any]:
        """Return JSON values; NaN becomes null.

        Args:
            name: shown in place of the hash.
        """
        values = {key: value for key, value in vars(self).items() if key not in ("person", "failures")}
        plain = {
            key: None if isinstance(value, float) and math.isnan(value) else value for key, value in values.items()
        }
        failures = [{"rule": failure.rule, "detail": failure.detail} for failure in self.failures]
        return {"person": name, **plain, "failures": failures}
