"""The judge `context`: a ranking of operators decides (Pihlgren, Sandin and Liwicki 2023)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from bappsmith.distortions.registry import operators, unknown_operator
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.judge import certain


@register_judge
class Context(Judge):
    """A ranking of operators. The later operator is the more disruptive one; in a chain, the latest one counts.

    Attributes:
        ranking: operator names from least to most disruptive. It names every operator that the subset can draw.
    """

    ranking: tuple[str, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _check(self) -> Context:
        twice = sorted(name for name, count in Counter(self.ranking).items() if count > 1)
        if twice:
            raise ValueError(f"the ranking names {twice[0]} twice; name every operator once")
        return self

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse a ranking that lacks an operator, or names an unknown one, and chains of the same operators."""
        if subset.pairing == "same-chain":
            raise BappsmithError(
                f"subset {subset.path}: a ranking of operators cannot judge pairing same-chain, because both sides "
                "have the same operators; use judge severity, or pairing different-operators"
            )
        for name in self.ranking:
            if name not in operators():
                raise unknown_operator(name, "operator in the ranking")
        missing = sorted(set(drawn) - set(self.ranking))
        if missing:
            raise BappsmithError(
                f"subset {subset.path}: the ranking lacks {', '.join(missing)}, which can be drawn; "
                "add them to the ranking, or exclude them"
            )

    def measure(self, items: JudgedItems) -> Figures:
        """Return the rank of the most disruptive operator of both chains, from 0; -1: no operator."""
        rank = {name: k for k, name in enumerate(self.ranking)}
        ranks = {chain: _rank(chain, rank) for chain in {chain for pair in items.operators for chain in pair}}
        return {"ranks": np.array([[ranks[chain] for chain in pair] for pair in items.operators], np.float64)}

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return rank of p0 minus rank of p1."""
        return figures["ranks"][:, 0] - figures["ranks"][:, 1]

    def probability(self, preferences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return 1, 0 or 0.5: ranks are compared without noise."""
        return certain(preferences)


def _rank(chain: str, rank: dict[str, int]) -> int:
    return max((rank[name] for name in chain.split("+") if name), default=-1)
