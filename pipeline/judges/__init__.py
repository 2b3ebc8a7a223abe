"""Judges say which of two patches is closer to the reference: one judge, one file.

A judge sees chains of distortions. It has no random state of its own: it draws from the triplet's stream. It returns
the judgment and the figures that the judgment is based on.
"""

from __future__ import annotations

from bappsmith.distortions.random import Draws
from bappsmith.manifests.recipe.judges import AnyJudge, ContextJudge, PsychometricJudge, SeverityJudge
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Judgment

from .context import judge_by_context
from .psychometric import judge_by_threshold
from .severity import judge_by_severity

__all__ = ["judge_pair"]


def judge_pair(judge: AnyJudge, chain0: Chain, chain1: Chain, draws: Draws) -> Judgment:
    """Ask the judge of a subset.

    Returns:
        The judgment in [0, 1] (2AFC: share of votes for p1; JND: share of votes for "same"), the number of votes, and
        the judge's name and figures.
    """
    match judge:
        case SeverityJudge():
            return judge_by_severity(chain0, chain1)
        case ContextJudge():
            return judge_by_context(judge.ranking, chain0, chain1)
        case PsychometricJudge():
            return judge_by_threshold(judge, chain1, draws)
