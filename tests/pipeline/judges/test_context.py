"""The judge `context`, against cases worked out by hand."""

from __future__ import annotations

import pytest

from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.judges.context import Context

from .judged import chain, judged


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
    judge = Context(ranking=("mild", "mid", "wild"))
    assert judged(judge, [(chain0, chain1)]).shares.tolist() == [expected]
