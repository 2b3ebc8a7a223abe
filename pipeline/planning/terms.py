"""From the terms of a recipe to names of operators; see `recipe.distort`."""

from __future__ import annotations

from collections.abc import Iterable

from bappsmith.distortions.registry import operators, unknown_operator
from bappsmith.manifests.errors import unknown_name
from bappsmith.manifests.recipe.distort import SET, TAG, Distort
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.named_sets import named_set, named_sets

Slots = tuple[tuple[str, ...], ...]
"""Names of the operators that may stand at each position of a chain."""


def check_terms(distort: Distort) -> None:
    """Refuse terms that name nothing.

    Raises:
        BappsmithError: naming the term, with the nearest known one.
    """
    known = operators()
    families = {op.family for op in known.values()}
    tags = {tag for op in known.values() for tag in op.tags}
    for family in distort.families:
        if family not in families:
            raise unknown_name("family", family, families)
    of_sets = (name for term in distort.terms() if term.startswith(SET) for name in named_set(term.removeprefix(SET)))
    for term in (*distort.terms(), *of_sets):
        if term.startswith(TAG):
            if term.removeprefix(TAG) not in tags:
                raise unknown_name("tag", term.removeprefix(TAG), tags)
        elif not term.startswith(SET) and term not in known and term not in families:
            others = [*families, *(f"{TAG}{tag}" for tag in tags), *(f"{SET}{name}" for name in named_sets())]
            raise unknown_operator(term, others=others)


def names_of(terms: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the operators that the terms name, each once.

    A word that names an operator and a family means the operator. A word that names neither is kept, as the name of an
    operator that is missing here.
    """
    known = operators()
    names: list[str] = []
    for term in terms:
        if term.startswith(SET):
            names += named_set(term.removeprefix(SET))
        elif term.startswith(TAG):
            names += [name for name, op in known.items() if term.removeprefix(TAG) in op.tags]
        else:
            of_family = () if term in known else [name for name, op in known.items() if op.family == term]
            names += of_family or [term]
    return tuple(dict.fromkeys(names))


def patterns_of(distort: Distort) -> tuple[Slots, ...]:
    """Return every pattern with names in place of terms. Each length is a pattern with equal slots."""
    excluded = set(names_of(distort.exclude))

    def slot(terms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in names_of(terms) if name not in excluded)

    if distort.patterns:
        return tuple(tuple(slot(terms) for terms in pattern) for pattern in distort.patterns)
    names = slot(distort.operators or distort.families)
    return tuple((names,) * length for length in distort.length)


def drawable(distort: Distort) -> tuple[str, ...]:
    """Return the names of all operators in the patterns, each once."""
    return tuple(dict.fromkeys(name for slots in patterns_of(distort) for slot in slots for name in slot))


def with_names(recipe: Recipe) -> Recipe:
    """Return the recipe with names of operators in place of families, tags and sets. It draws the same chains.

    The result keeps its meaning when an operator is added to a family, or a tag to an operator.
    """
    subsets = [s.model_copy(update={"distort": _with_names(s.distort)}) for s in recipe.subsets]
    return recipe.model_copy(update={"subsets": tuple(subsets)})


def _with_names(distort: Distort) -> Distort:
    names = set(drawable(distort))
    pairs = [tuple(tuple(n for n in names_of(slot) if n in names) for slot in pair) for pair in distort.exclude_pairs]
    chosen = {"patterns": patterns_of(distort)} if distort.patterns else {"operators": drawable(distort)}
    left_out = {"exclude": (), "exclude_pairs": tuple(pair for pair in pairs if all(pair))}
    return distort.model_copy(update={**chosen, **left_out})
