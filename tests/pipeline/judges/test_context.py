"""The judge `context`, against cases worked out by hand."""

from __future__ import annotations

import pytest

from bappsmith.distortions.random import Draws
from bappsmith.manifests.recipe.judges import ContextJudge
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.pipeline.judges import judge_pair


def chain(*calls: tuple[str, float]) -> Chain:
    return Chain(tuple(OperatorCall(name, severity, {}) for name, severity in calls))


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
