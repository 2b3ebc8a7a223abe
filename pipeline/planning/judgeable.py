"""Check that a judge can judge what a subset draws."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bappsmith.distortions.registry import operators, unknown_operator
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judges import ContextJudge, PsychometricJudge, SeverityJudge
from bappsmith.manifests.recipe.subset import SubsetRecipe


def check_judge(subset: SubsetRecipe, names: Collection[str]) -> None:
    """Refuse a judge that has no basis for its judgments.

    A ranking must name every operator that can be drawn. The judge `psychometric` reads a severity as visibility, so it
    needs calibrated operators (`Distortion.calibrated`). The judge `severity` compares two chains, so it needs them if
    the chains can hold different operators: not with pairing same-chain, and not with a single operator.

    Args:
        subset: the subset, with its judge.
        names: of the operators that can be drawn.

    Raises:
        BappsmithError: naming the subset, the judge and the operators.
    """
    drawn = sorted(names)
    match judge := subset.judged_by:
        case ContextJudge():
            _check_ranking(subset, judge.ranking, drawn)
        case PsychometricJudge():
            if names := _uncalibrated(drawn):
                raise BappsmithError(
                    f"subset {subset.path}: judge psychometric reads severity as visibility, and {names} no calibrated "
                    "severity; leave them out"
                )
        case SeverityJudge():
            if subset.pairing != "same-chain" and len(drawn) > 1 and (names := _uncalibrated(drawn)):
                raise BappsmithError(
                    f"subset {subset.path}: judge severity compares severities of different operators, and {names} no "
                    "calibrated severity; leave them out, or use pairing same-chain or judge context"
                )


def _check_ranking(subset: SubsetRecipe, ranking: Sequence[str], drawn: Sequence[str]) -> None:
    for name in ranking:
        if name not in operators():
            raise unknown_operator(name, "operator in the ranking")
    missing = [name for name in drawn if name not in ranking]
    if missing:
        raise BappsmithError(
            f"subset {subset.path}: the ranking lacks {', '.join(missing)}, which can be drawn; "
            "add them to the ranking, or exclude them"
        )


def _uncalibrated(drawn: Sequence[str]) -> str:
    """The operators whose severity is not calibrated, with their verb; empty if there are none."""
    known = operators()
    names = [name for name in drawn if not known[name].calibrated]
    return f"{', '.join(names)} {'has' if len(names) == 1 else 'have'}" if names else ""
