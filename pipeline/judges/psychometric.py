"""JND votes from a psychometric function of severity."""

from __future__ import annotations

import math
from typing import Any

from bappsmith.distortions.random import Draws
from bappsmith.manifests.recipe.judges import PsychometricJudge
from bappsmith.manifests.schema.call import Chain


def judge_by_threshold(judge: PsychometricJudge, chain: Chain, draws: Draws) -> tuple[float, dict[str, Any]]:
    """k of n votes for "same", each with probability 1 / (1 + exp(slope·(severity - midpoint))).

    Args:
        judge: midpoint, slope and number of votes.
        chain: the distortions of the second patch.
        draws: the triplet's stream; one draw per vote.
    """
    exponent = judge.slope * (chain.severity - judge.midpoint)
    probability = 1.0 / (1.0 + math.exp(min(exponent, 700.0)))
    same = sum(draws.uniform() < probability for _ in range(judge.votes))
    return same / judge.votes, {
        "kind": "psychometric",
        "probability": probability,
        "same": same,
        "votes": judge.votes,
    }
