"""The chains of operators that a recipe allows, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.distort import Distort
from bappsmith.manifests.recipe.subset import SubsetRecipe

from .degradation import partners
from .judgeable import check_judge
from .terms import Slots, check_terms, names_of, patterns_of

Names = tuple[str, ...]
"""Names of the operators of a chain, first to last."""
TRIES = 10_000
"""Tries after which a pattern without an allowed chain is refused. Eight operators in any order need 416 on average."""


@dataclass(frozen=True)
class Chains:
    """The chains that can be drawn.

    Attributes:
        patterns: names of the operators that may stand at each position, for each pattern.
        not_after: operator → the operators that must not follow it directly.
    """

    patterns: tuple[Slots, ...]
    not_after: Mapping[str, frozenset[str]]

    @property
    def names(self) -> frozenset[str]:
        """Names of the operators that can be drawn."""
        return frozenset(name for slots in self.patterns for slot in slots for name in slot)

    def draw(self, draws: Draws) -> Names:
        """Draw the operators of a chain.

        Each pattern is equally likely, and so is each allowed chain of the drawn pattern: a chain is allowed if no
        operator occurs twice and no excluded pair is adjacent. For this, every position is drawn uniformly and
        independently, and everything after the choice of the pattern begins again until the chain is allowed.
        """
        slots = draws.choice(self.patterns)
        while True:
            chain = self._try(slots, draws)
            if chain is not None:
                return chain

    def draw_disjoint(self, draws: Draws) -> tuple[Names, Names]:
        """Draw two chains without a common operator: two as of `draw`, again until they have none in common."""
        while True:
            first, second = self.draw(draws), self.draw(draws)
            if not set(first) & set(second):
                return first, second

    def _try(self, slots: Slots, draws: Draws) -> Names | None:
        """Draw every position independently; None if the chain is not allowed."""
        if len(slots) == 1:
            return (draws.choice(slots[0]),)
        chain = [draws.choice(slots[0])]
        for slot in slots[1:]:
            name = draws.choice(slot)
            if name in chain or name in self.not_after.get(chain[-1], ()):
                return None
            chain.append(name)
        return tuple(chain)

    def check(self, where: str) -> None:
        """Refuse a pattern without any allowed chain, or with so few that drawing one would take long.

        Args:
            where: what has these chains, for the error.

        Raises:
            BappsmithError: naming the pattern.
        """
        for slots in self.patterns:
            draws = Draws(0)
            if not all(slots) or all(self._try(slots, draws) is None for _ in range(TRIES)):
                raise BappsmithError(
                    f"{where}: no chain of length {len(slots)} is left, or too few to draw one; allow more operators "
                    "or exclude fewer pairs"
                )

    def check_disjoint(self, where: str) -> None:
        """Refuse chains of which no two are without a common operator, or too few.

        Args:
            where: what has these chains, for the error.

        Raises:
            BappsmithError: there are none.
        """
        draws = Draws(0)
        if all(set(self.draw(draws)) & set(self.draw(draws)) for _ in range(TRIES // 10)):
            raise BappsmithError(
                f"{where}: pairing different-operators needs two different operators, or two chains without a common "
                "one; allow more operators"
            )


def subset_chains(subset: SubsetRecipe) -> Chains:
    """Return the chains of a subset, after checking everything in it that needs no photograph.

    Raises:
        BappsmithError: a term names nothing, no chain is left, the judge cannot judge what can be drawn, or the pairing
            finds no two chains.
    """
    where = f"subset {subset.path}"
    chains = allowed_chains(subset.distort, where)
    if subset.pairing == "same-degradation":
        chains = _restoring(chains, where)
    check_judge(subset, chains.names)
    if subset.pairing == "different-operators":
        chains.check_disjoint(where)
    return chains


def allowed_chains(distort: Distort, where: str) -> Chains:
    """Return the chains that can be drawn.

    Args:
        distort: rules of a subset.
        where: what has these rules, for errors.

    Raises:
        BappsmithError: a term names nothing, or no chain is left.
    """
    check_terms(distort)
    not_after: dict[str, set[str]] = {}
    for first, second in distort.exclude_pairs:
        for name in names_of(first):
            not_after.setdefault(name, set()).update(names_of(second))
    frozen = {name: frozenset(names) for name, names in not_after.items()}
    chains = Chains(tuple(_possible(slots, frozen) for slots in patterns_of(distort)), frozen)
    chains.check(where)
    return chains


def _restoring(chains: Chains, where: str) -> Chains:
    """Leave only operators that restore an image that another one of their pattern can restore too."""
    patterns = [(tuple(partners(names)),) for (names,) in chains.patterns]
    if not all(names for (names,) in patterns):
        raise BappsmithError(
            f"{where}: pairing same-degradation needs two operators that restore the same degradation, found none "
            f"among {', '.join(sorted(chains.names))}; name such operators, or use pairing different-operators"
        )
    return Chains(tuple(patterns), chains.not_after)


def _possible(slots: Slots, not_after: Mapping[str, frozenset[str]]) -> Slots:
    """Leave out operators that fit no operator of a neighbouring slot, from the first slot to the last and back."""
    kept = [slots[0]]
    for slot in slots[1:]:
        kept.append(tuple(b for b in slot if any(_fit(a, b, not_after) for a in kept[-1])))
    for i in reversed(range(len(kept) - 1)):
        kept[i] = tuple(a for a in kept[i] if any(_fit(a, b, not_after) for b in kept[i + 1]))
    return tuple(kept)


def _fit(first: str, second: str, not_after: Mapping[str, frozenset[str]]) -> bool:
    return first != second and second not in not_after.get(first, ())
