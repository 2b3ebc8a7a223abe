"""Who says which of two patches is the closer: one judge, one file.

A judge looks at chains, never at random state of its own: what it draws comes from the triplet's
stream. It returns the judgment with what it judged from.
"""

from __future__ import annotations

from bappsmith.distortions.random import Draws
from bappsmith.manifests.recipe.judges import ContextJudge, PsychometricJudge, SeverityJudge
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Judgment

from .context import judge_by_context
from .psychometric import judge_by_threshold
from .severity import judge_by_severity

__all__ = ["judge_pair"]


def judge_pair(
    judge: SeverityJudge | ContextJudge | PsychometricJudge, chain0: Chain, chain1: Chain, draws: Draws
) -> Judgment:
    """Ask the judge of a subset.

    Returns:
        2AFC: the share of votes for p1; JND: for "same". With it the judge's name and figures.
    """
    match judge:
        case SeverityJudge():
            return judge_by_severity(chain0, chain1)
        case ContextJudge():
            return judge_by_context(judge.ranking, chain0, chain1)
        case PsychometricJudge():
            return judge_by_threshold(judge, chain1, draws)
