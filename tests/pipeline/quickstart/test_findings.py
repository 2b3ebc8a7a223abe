"""What is said of scores."""

from __future__ import annotations

import pytest

from bappsmith.lpips.evaluation.evaluation import Comparison, Score
from bappsmith.pipeline.quickstart.findings import Findings, headline


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.001, 0.05, "70.0 % of the labels: better than L2."),
        (-0.01, 0.05, "not told apart from L2."),
        (0.0, 0.05, "not told apart from L2"),
        (-0.05, -0.01, "worse than L2"),
    ],
)
def test_a_difference_is_claimed_if_its_interval_is_beyond_zero(low: float, high: float, words: str):
    scores = tuple(Score("s", name, "2AFC", 9, 0.7, 0.6, 0.8) for name in ("L2", "trained"))
    gap = Comparison("s", "trained", "L2", "2AFC", 0.02, low, high, 0.1)
    said = headline(Findings(scores, {"L2": gap}, 0.8, 6))
    assert words in said
    assert said.startswith("On 6 photographs that it never saw")
    assert "70.0 %" in said
