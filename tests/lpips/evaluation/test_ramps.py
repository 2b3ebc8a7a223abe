"""Ramp monotonicity: metrics that order rightly, wrongly, and in part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.ramps import Ladder
from bappsmith.lpips.evaluation.report import write_report
from bappsmith.manifests.errors import BappsmithError


def ladder(operator: str, photograph: int, levels: tuple[int, ...], side: int = 16) -> Ladder:
    """A grey picture that becomes brighter by `levels`."""
    reference = np.full((side, side, 3), 40 + photograph, np.uint8)
    return Ladder(operator, photograph, reference, tuple(reference + np.uint8(level) for level in levels))


RISING = (10, 20, 30, 40, 50)


def test_a_perfect_metric_has_all_and_a_reversed_one_nothing(tmp_path: Path):
    ladders = [ladder(name, number, RISING, 16 + 8 * (number % 2)) for name in ("one", "two") for number in range(4)]
    metrics = {"reversed": lambda a, b: -l2(a, b), "equal": lambda a, b: 0 * l2(a, b), "l2": l2}
    calls = []
    evaluation = evaluate([], metrics, ramps=ladders, resamples=50, progress=lambda *call: calls.append(call))
    rows = {(s.metric, s.protocol): (s.score, s.low, s.high, s.count) for s in evaluation.scores}
    for protocol, count in (("ladders", 8), ("steps", 32)):
        assert rows["l2", protocol] == (1, 1, 1, count)
        assert rows["reversed", protocol] == rows["equal", protocol] == (0, 0, 0, count)
    assert calls[-1] == ("ramps", 8, 8)
    assert {(c.other, c.protocol, c.gap) for c in evaluation.comparisons} == {
        (other, protocol, 1.0) for other in ("reversed", "equal") for protocol in ("ladders", "steps")
    }
    write_report(tmp_path / "r.html", evaluation, title="R")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "ladders, %, on parts of ramps" in page
    assert "bootstrap over photographs and operators" in page


def test_shares_by_operator_and_steps_between_equal_images():
    ladders = [
        ladder("right", 0, RISING),
        ladder("wrong", 0, (10, 20, 15, 40, 50)),  # three of four steps
        ladder("whole numbers", 0, (10, 10, 20, 20, 30)),  # two steps, both right
        ladder("nothing", 0, (0, 0, 0, 0, 0)),  # no step: left out
    ]
    evaluation = evaluate([], {"l2": l2}, ramps=ladders, resamples=5)
    parts = {(p.value, p.protocol): (p.score, p.count) for p in evaluation.parts}
    assert parts == {
        ("right", "ladders"): (1, 1),
        ("right", "steps"): (1, 4),
        ("wrong", "ladders"): (0, 1),
        ("wrong", "steps"): (0.75, 4),
        ("whole numbers", "ladders"): (1, 1),
        ("whole numbers", "steps"): (1, 2),
    }
    scores = {s.protocol: (s.score, s.count) for s in evaluation.scores}
    assert scores == {"ladders": (pytest.approx(2 / 3), 3), "steps": (pytest.approx(9 / 10), 10)}


def test_mistakes_are_one_line():
    with pytest.raises(BappsmithError, match="no operator changes any photograph"):
        evaluate([], {"l2": l2}, ramps=[ladder("nothing", 0, (0, 0))], resamples=5)
    with pytest.raises(BappsmithError, match=r"metric broken gives no distance \(NaN\) for operator 'one'"):
        evaluate([], {"broken": lambda a, b: torch.full((len(a),), torch.nan)}, ramps=[ladder("one", 0, RISING)])
