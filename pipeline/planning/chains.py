"""The chains of operators that a recipe allows, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.distort import Distort
from bappsmith.manifests.recipe.subset import SubsetRecipe

from .degradation import partners
from .terms import Slots, check_terms, names_of, patterns_of

Names = tuple[str, ...]
"""Names of the operators of a chain, first to last."""
TRIES = 10_000
"""Tries after which a pattern without an allowed chain is refused."""


class Pattern:
    """The chains of one pattern. A chain is allowed if no operator occurs twice and no excluded pair is adjacent.

    Args:
        slots: names of the operators that may stand at each position.
        not_after: operator → the operators that must not follow it directly.
    """

    def __init__(self, slots: Slots, not_after: Mapping[str, frozenset[str]]) -> None:
        self.slots = _possible(slots, not_after)
        self._not_after = not_after
        members = [frozenset(slot) for slot in self.slots]
        # An earlier slot that is part of a slot always takes one of its operators.
        most = [len(m) - sum(earlier <= m for earlier in members[:i]) for i, m in enumerate(members)]
        self._steps = tuple(zip(self.slots, members, most, strict=True))[1:]

    def draw(self, draws: Draws) -> Names:
        """Draw an allowed chain, each equally likely."""
        while True:
            chain = self._try(draws)
            if chain is not None:
                return chain

    def is_drawable(self) -> bool:
        """Return whether `TRIES` tries find an allowed chain."""
        draws = Draws(0)
        return all(self.slots) and any(self._try(draws) is not None for _ in range(TRIES))

    def _try(self, draws: Draws) -> Names | None:
        """Draw one operator after the other among those of its slot that are left.

        If `left` of at most `most` operators are left, a chain goes on with probability left / most. So each allowed
        chain has the same probability, the product of 1 / most over its positions.

        Returns:
            None if the chain does not go on, or an excluded pair is adjacent.
        """
        chain = [draws.choice(self.slots[0])]
        for slot, members, most in self._steps:
            left = len(slot) - sum([name in members for name in chain])
            if left == 0 or (left < most and draws.integer(most) >= left):
                return None
            name = draws.choice(slot)
            while name in chain:
                name = draws.choice(slot)
            if name in self._not_after.get(chain[-1], ()):
                return None
            chain.append(name)
        return tuple(chain)


@dataclass(frozen=True)
class Chains:
    """The chains that can be drawn.

    Attributes:
        patterns: one for each length or pattern of the recipe.
    """

    patterns: tuple[Pattern, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names of the operators that can be drawn."""
        return frozenset(name for pattern in self.patterns for slot in pattern.slots for name in slot)

    def draw(self, draws: Draws) -> Names:
        """Draw the operators of a chain. Each pattern is equally likely, and so is each allowed chain of a pattern."""
        return draws.choice(self.patterns).draw(draws)

    def draw_disjoint(self, draws: Draws) -> tuple[Names, Names]:
        """Draw two chains without a common operator: two as of `draw`, again until they have none in common."""
        while True:
            first, second = self.draw(draws), self.draw(draws)
            if not set(first) & set(second):
                return first, second


def subset_chains(subset: SubsetRecipe) -> Chains:
    """Return the chains of a subset, after checking everything in it that needs no photograph.

    Raises:
        BappsmithError: a term names nothing, no chain is left, an operator cannot be applied on this machine, or the
            pairing finds no two chains.
    """
    where = f"subset {subset.path}"
    chains = allowed_chains(subset.distort, where)
    if subset.pairing == "same-degradation":
        chains = _restoring(chains, where)
    if subset.pairing == "different-operators":
        _check_disjoint(chains, where)
    return chains


def allowed_chains(distort: Distort, where: str) -> Chains:
    """Return the chains that can be drawn.

    Args:
        distort: rules of a subset.
        where: what has these rules, for errors.

    Raises:
        BappsmithError: a term names nothing, no chain is left, or an operator cannot be applied on this machine.
    """
    check_terms(distort)
    not_after: dict[str, set[str]] = {}
    for first, second in distort.exclude_pairs:
        for name in names_of(first):
            not_after.setdefault(name, set()).update(names_of(second))
    frozen = {name: frozenset(names) for name, names in not_after.items()}
    patterns = tuple(Pattern(slots, frozen) for slots in patterns_of(distort))
    for pattern in patterns:
        if not pattern.is_drawable():
            raise BappsmithError(
                f"{where}: no chain of length {len(pattern.slots)} is left, or too few to draw one; allow more "
                "operators or exclude fewer pairs"
            )
    chains = Chains(patterns)
    _check_available(chains, where)
    return chains


def _check_available(chains: Chains, where: str) -> None:
    """Refuse operators that this machine cannot apply. Without them, the recipe would draw other chains here."""
    known = operators()
    for name in sorted(chains.names):
        if reason := known[name].unavailable():
            raise BappsmithError(f"{where}: operator '{name}' {reason}, or exclude {name}")


def _restoring(chains: Chains, where: str) -> Chains:
    """Leave only operators that restore an image that another one of their pattern can restore too."""
    slots = [tuple(partners(pattern.slots[0])) for pattern in chains.patterns]
    if not all(slots):
        raise BappsmithError(
            f"{where}: pairing same-degradation needs two operators that restore the same degradation, found none "
            f"among {', '.join(sorted(chains.names))}; name such operators, or use pairing different-operators"
        )
    return Chains(tuple(Pattern((names,), {}) for names in slots))


def _check_disjoint(chains: Chains, where: str) -> None:
    """Refuse chains of which no two, or too few, are without a common operator."""
    draws = Draws(0)
    if all(set(chains.draw(draws)) & set(chains.draw(draws)) for _ in range(TRIES // 10)):
        raise BappsmithError(
            f"{where}: pairing different-operators needs two different operators, or two chains without a common one; "
            "allow more operators"
        )


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
