"""The judge of a subset, checked against what the subset draws."""

from __future__ import annotations

from collections.abc import Collection

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.pipeline.judging.judge import Judge
from bappsmith.pipeline.judging.registry import judges, make_judge

from .chains import subset_chains


def subset_judge(subset: SubsetRecipe, drawn: Collection[str]) -> Judge:
    """Return the judge of a subset.

    Args:
        subset: the subset.
        drawn: names of the operators that can be drawn.

    Raises:
        BappsmithError: the judge or a setting is unknown, it cannot judge this kind of subset or only finished
            datasets, or it has no basis for its judgments.
    """
    try:
        judge = make_judge(subset.judge or default_judge(subset, drawn))
    except BappsmithError as error:
        raise BappsmithError(f"subset {subset.path}: {error}") from error
    kind = subset.where.kind
    if kind not in judge.able:
        able = [name for name, other in judges().items() if kind in other.kinds]
        raise BappsmithError(
            f"subset {subset.path}: judge {judge.name} cannot judge {kind}; choose one of {', '.join(able)}"
        )
    if judge.learning:
        raise BappsmithError(
            f"subset {subset.path}: judge {judge.name} learns from a whole dataset; generate with another judge, then "
            f"run `bappsmith judge DATASET --by {judge.name}`"
        )
    judge.check(subset, drawn)
    return judge


def default_judge(subset: SubsetRecipe, drawn: Collection[str]) -> JudgeSpec:
    """Return the judge of a subset that names none.

    JND: `psychometric`. 2AFC: `scale`, which predicts people best (docs/judges.md), if it knows the damage of every
    operator. Otherwise, and for pairing same-chain, whose order is certain: `severity`. For pairing same-degradation,
    where both sides have one severity: `metric` by HaarPSI, which needs no weights.

    Args:
        subset: the subset.
        drawn: names of the operators that can be drawn.
    """
    if subset.where.kind == "jnd":
        return JudgeSpec(kind="psychometric")
    if subset.pairing == "same-degradation":
        return JudgeSpec.model_validate({"kind": "metric", "metric": "haarpsi"})
    scale = make_judge(JudgeSpec(kind="scale"))
    try:
        scale.check(subset, drawn)
    except BappsmithError:
        return JudgeSpec(kind="severity")
    return JudgeSpec(kind="severity" if subset.pairing == "same-chain" else "scale")


def with_judges(recipe: Recipe) -> Recipe:
    """Return the recipe with every judge and all its settings, so that defaults may change later.

    Raises:
        BappsmithError: see `subset_judge`.
    """
    subsets = [s.model_copy(update={"judge": subset_judge(s, subset_chains(s).names).spec}) for s in recipe.subsets]
    return recipe.model_copy(update={"subsets": tuple(subsets)})
