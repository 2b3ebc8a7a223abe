"""The judge of a subset, checked against what the subset draws."""

from __future__ import annotations

from collections.abc import Collection

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.pipeline.judging.judge import Judge
from bappsmith.pipeline.judging.registry import judges, make_judge


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
        judge = make_judge(subset.judged_by)
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


def with_judges(recipe: Recipe) -> Recipe:
    """Return the recipe with every judge and all its settings, so that defaults may change later."""
    subsets = [s.model_copy(update={"judge": make_judge(s.judged_by).spec}) for s in recipe.subsets]
    return recipe.model_copy(update={"subsets": tuple(subsets)})
