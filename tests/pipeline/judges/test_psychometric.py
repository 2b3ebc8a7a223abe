"""The judge `psychometric`: votes follow the function."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.judges.psychometric import Psychometric

from .judged import chain, judged


@pytest.mark.parametrize("severity", [0.0, 0.1, 0.25, 0.4, 2.0])
def test_jnd_votes_follow_the_psychometric_function(severity: float):
    judge = Psychometric(midpoint=0.25, slope=12.0, votes=3)
    votes = judged(judge, [(Chain(), chain(("a", severity)))] * 4000, "jnd").shares.tolist()
    assert {round(vote * 3, 9) for vote in votes} <= {0.0, 1.0, 2.0, 3.0}
    expected = 1 / (1 + np.exp(12 * (severity - 0.25)))
    # Five standard errors of a share of 12,000 votes; the stream is fixed, so this never flickers.
    assert np.mean(votes) == pytest.approx(expected, abs=5 * np.sqrt(expected * (1 - expected) / 12000) + 1e-6)
