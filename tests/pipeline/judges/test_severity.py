"""The judge `severity`, against cases worked out by hand."""

from __future__ import annotations

import pytest

from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.judges.severity import Severity

from .judged import chain, judged


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
    assert judged(Severity(), [(chain0, chain1)]).shares.tolist() == [expected]
