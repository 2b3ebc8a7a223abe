"""Judges against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.distortions.random import Draws
from bappsmith.manifests.recipe.judges import ContextJudge, PsychometricJudge, SeverityJudge
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.pipeline.judges import judge_pair


def chain(*calls: tuple[str, float]) -> Chain:
    return Chain(tuple(OperatorCall(name, severity, {}) for name, severity in calls))


@pytest.mark.parametrize(
    ("chain0", "chain1", "expected"),
    [
        (chain(("a", 0.2)), chain(("b", 0.3)), 0.0),
        (chain(("a", 0.3)), chain(("b", 0.2)), 1.0),
        (chain(("a", 0.25)), chain(("b", 0.25)), 0.5),
        (chain(("a", 0.25), ("b", 0.5)), chain(("c", 0.625)), 1.0),
    ],
)
def test_the_smaller_total_severity_is_closer(chain0: Chain, chain1: Chain, expected: float):
    assert judge_pair(SeverityJudge(), chain0, chain1, Draws(0)).share == expected


@pytest.mark.parametrize(
    ("chain0", "chain1", "expected"),
    [
        (chain(("mild", 1.0)), chain(("wild", 0.1)), 0.0),
        (chain(("wild", 0.1)), chain(("mild", 1.0)), 1.0),
        (chain(("wild", 0.1)), chain(("wild", 0.9)), 0.5),
        (
            chain(("mild", 0.5), ("wild", 0.1)),
            chain(("mid", 1.0)),
            1.0,
        ),  # the most disruptive of a chain counts
    ],
)
def test_the_later_in_the_ranking_is_the_more_disruptive(chain0: Chain, chain1: Chain, expected: float):
    judge = ContextJudge(ranking=("mild", "mid", "wild"))
    assert judge_pair(judge, chain0, chain1, Draws(0)).share == expected


@pytest.mark.parametrize("severity", [0.0, 0.1, 0.25, 0.4, 2.0])
def test_jnd_votes_follow_the_psychometric_function(severity: float):
    judge = PsychometricJudge(midpoint=0.25, slope=12.0, votes=3)
    votes = [judge_pair(judge, Chain(), chain(("a", severity)), Draws(5, i)).share for i in range(4000)]
    assert {round(vote * 3, 9) for vote in votes} <= {0.0, 1.0, 2.0, 3.0}
    expected = 1 / (1 + np.exp(12 * (severity - 0.25)))
    # Five standard errors of a share of 12,000 votes; the stream is fixed, so this never flickers.
    assert np.mean(votes) == pytest.approx(expected, abs=5 * np.sqrt(expected * (1 - expected) / 12000) + 1e-6)
