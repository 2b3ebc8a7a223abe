"""The judge `psychometric`: JND votes from a psychometric function of severity."""

from __future__ import annotations

import math

from bappsmith.distortions.random import Draws
from bappsmith.manifests.recipe.judges import PsychometricJudge
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Judgment


def judge_by_threshold(judge: PsychometricJudge, chain: Chain, draws: Draws) -> Judgment:
    """Draw votes for "same", each with probability 1 / (1 + exp(slope·(severity - midpoint))), and return their share.

    The form is the logistic psychometric function; its default parameters are ours, see docs/recipes.md.

    Args:
        judge: midpoint, slope and number of votes.
        chain: the distortions of the second patch.
        draws: the triplet's stream; one draw per vote.
    """
    exponent = judge.slope * (chain.severity - judge.midpoint)
    probability = 1.0 / (1.0 + math.exp(min(exponent, 700.0)))
    same = sum(draws.uniform() < probability for _ in range(judge.votes))
    source = {"kind": "psychometric", "probability": probability, "same": same}
    return Judgment(same / judge.votes, judge.votes, source)
