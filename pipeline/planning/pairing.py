"""Draw the two chains of an item, as the pairing of its subset says."""

from __future__ import annotations

from dataclasses import replace

from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operators
from bappsmith.manifests.recipe.subset import Pairing, SubsetRecipe
from bappsmith.manifests.schema.call import Chain, OperatorCall, Params

from .chains import Chains, Names
from .degradation import partners


class PairedChains:
    """Draws the chains of p0 and p1, with all parameters.

    Args:
        subset: the subset, with its pairing and severities.
        chains: the chains that can be drawn.
        patch: side of the patches, px.
    """

    def __init__(self, subset: SubsetRecipe, chains: Chains, patch: int) -> None:
        self._chains = chains
        self._patch = patch
        self._jnd = subset.where.kind == "jnd"
        self._pairing: Pairing = subset.pairing
        self._severities = subset.severity
        self._operators = operators()
        if self._pairing == "same-degradation":
            self._restoring = [(p.slots[0], partners(p.slots[0])) for p in chains.patterns]

    def draw(self, draws: Draws, frames: Params | None = None) -> tuple[Chain, Chain]:
        """Draw the chains of p0 and p1. The first patch of a JND pair is not distorted.

        Args:
            draws: the random stream.
            frames: `before` and `after`, the names of the frames beside the photograph, for operators that need them.
        """
        chains = self._drawn(draws)
        if not frames:
            return chains
        first, second = (
            Chain(
                tuple(
                    replace(call, params={**call.params, **frames}) if self._operators[call.name].neighbours else call
                    for call in chain.calls
                )
            )
            for chain in chains
        )
        return first, second

    def _drawn(self, draws: Draws) -> tuple[Chain, Chain]:
        if self._jnd:
            return Chain(), self._chain(self._chains.draw(draws), draws)
        match self._pairing:
            case "independent":
                first, second = self._chains.draw(draws), self._chains.draw(draws)
                return self._chain(first, draws), self._chain(second, draws)
            case "different-operators":
                first, second = self._chains.draw_disjoint(draws)
                return self._chain(first, draws), self._chain(second, draws)
            case "same-chain":
                return self._same_chain(self._chains.draw(draws), draws)
            case "same-degradation":
                return self._same_degradation(draws)

    def _severity(self, draws: Draws) -> float:
        low, high = self._severities
        return high - (high - low) * draws.uniform()  # uniform() < 1, so `low` itself is never drawn

    def _call(self, name: str, severity: float, draws: Draws) -> OperatorCall:
        return self._operators[name].call(severity, draws, side=self._patch)

    def _chain(self, names: Names, draws: Draws) -> Chain:
        return Chain(tuple(self._call(name, self._severity(draws), draws) for name in names))

    def _same_chain(self, names: Names, draws: Draws) -> tuple[Chain, Chain]:
        """Draw two chains of the same operators with the same free parameters; one has the larger severity of each."""
        milder, stronger = [], []
        for name in names:
            low, high = sorted((self._severity(draws), self._severity(draws)))
            key = draws.word()
            # With the same key twice, all parameters that do not depend on severity are drawn the same.
            milder.append(self._call(name, low, Draws(key)))
            stronger.append(self._call(name, high, Draws(key)))
        chain0, chain1 = Chain(tuple(milder)), Chain(tuple(stronger))
        return (chain0, chain1) if draws.integer(2) else (chain1, chain0)

    def _same_degradation(self, draws: Draws) -> tuple[Chain, Chain]:
        """Draw two partners, with one severity and the same degradation; the rest is drawn for each.

        Each operator that has a partner is equally likely, and so is each of its partners.
        """
        names, others = draws.choice(self._restoring)
        first = draws.choice(names)
        second = self._operators[draws.choice(others[first])]
        call = self._call(first, self._severity(draws), draws)
        degradation = {key: call.params[key] for key in second.degradation}
        restored = second.call(call.severity, draws, side=self._patch, given=degradation)
        return Chain((call,)), Chain((restored,))
