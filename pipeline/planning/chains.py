"""The chains of operators that a recipe allows."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.registry import operators, unknown_operator
from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.recipe.subset import Distort, SubsetRecipe

from .judgeable import check_judge

Chains = dict[int, tuple[tuple[str, ...], ...]]
"""Length → names of the operators of every chain of that length that can be drawn."""


def subset_chains(subset: SubsetRecipe) -> Chains:
    """Return the chains of a subset, after checking everything in it that needs no photograph.

    Raises:
        BappsmithError: an operator or family is unknown, `exclude_pairs` leaves no chain, the judge cannot judge what
            can be drawn, or no two chains differ.
    """
    chains = allowed_chains(subset.distort, f"subset {subset.path}")
    check_judge(subset, chains)
    if subset.pairing == "different-operators" and all(
        set(a) & set(b) for options in chains.values() for a in options for b in options
    ):
        raise BappsmithError(
            f"subset {subset.path}: pairing different-operators needs two different operators; allow more operators"
        )
    return chains


def allowed_chains(distort: Distort, where: str) -> Chains:
    """Return length → every chain of that length that can be drawn.

    Args:
        distort: rules of a subset.
        where: what has these rules, for errors.

    Raises:
        BappsmithError: a name is unknown, or no chain is left.
    """
    known = operators()
    families = sorted({op.family for op in known.values()})
    for family in distort.families:
        if family not in families:
            raise unknown_name("family", family, families)
    for name in (*distort.operators, *distort.exclude):
        if name not in known:
            raise unknown_operator(name)
    for name in (name for pair in distort.exclude_pairs for name in pair):
        if name not in known and name not in families:
            raise unknown_name("operator or family", name, [*known, *families])
    names = drawable(distort)
    chains = {1: tuple((n,) for n in names), 2: tuple((a, b) for a in names for b in names if a != b)}
    chains[2] = tuple(c for c in chains[2] if not _excluded(known[c[0]], known[c[1]], distort))
    for length in distort.length:
        if not chains[length]:
            raise BappsmithError(
                f"{where}: no chain of length {length} is left; allow more operators or exclude fewer pairs"
            )
    return {length: chains[length] for length in distort.length}


def drawable(distort: Distort) -> tuple[str, ...]:
    """Return the names of the operators that can be drawn. Names in `distort.operators` are not checked."""
    names = distort.operators or tuple(n for n, op in operators().items() if op.family in distort.families)
    return tuple(n for n in dict.fromkeys(names) if n not in distort.exclude)


def _excluded(first: Distortion, second: Distortion, distort: Distort) -> bool:
    return any(a in (first.name, first.family) and b in (second.name, second.family) for a, b in distort.exclude_pairs)
