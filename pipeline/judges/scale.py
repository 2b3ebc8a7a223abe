"""The judge `scale`: operator and parameter → damage on people's scale."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bappsmith.distortions.registry import operator, operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.anchors import SHIPPED, Anchors, read_anchors
from bappsmith.pipeline.judging.drop import UNSEEN, first_reason


@register_judge
class Scale(Judge):
    """The patch with less damage on people's scale is the closer one.

    Damage is measured in points of a mean opinion score. Where people judged an operator (`anchors`, KADID-10k), their
    means say how much damage a value of its parameter does. Elsewhere, and beyond the most severe anchor, the yardstick
    of the table of severities does (docs/calibration.md), which was fitted to the same people. Damages d of a chain add
    up as (Σ d^power)^(1/power). One observer sees a damage with normal noise, so that p1 is preferred with probability
    Φ((d0 - d1) / (√2·noise)): Thurstone 1927, case V. A JND pair looks the same with probability
    Φ((threshold - d) / noise).

    Attributes:
        anchors: file of anchors; empty: those of KADID-10k.
        power: how damages of a chain add up; 1: they are summed. Default: fitted to 2,000 chains of two on 64 px
            patches, whose damage the yardstick measured (experiments/people/fit_chains.py). The mean absolute error is
            0.16 points; 0.60 with a sum, 0.21 with the larger damage alone.
        noise: standard deviation of what one observer sees, points. Default: two observers of bapps-traditional agree
            on 76.1 % of the triplets, as the people of BAPPS do (traditional, unbiased; docs/judges.md).
        threshold: damage that half of the observers notice, points. Default: chosen by us, about that of KADID-10k's
            JPEG at quality 40.
        drop_below: 2AFC: an item with less damage than this on both sides is dropped, points; 0: none is. Default:
            chosen by us, below what any operator does at its mildest.
    """

    kinds = ("2afc", "jnd")
    needs = frozenset({"chains"})

    anchors: str = ""
    power: float = Field(default=2.5, ge=1, le=100)
    noise: float = Field(default=0.52, gt=0, le=100)
    threshold: float = Field(default=0.35, gt=0, le=100)
    drop_below: float = Field(default=0.1, ge=0, le=100)

    @property
    def files(self) -> tuple[Path, ...]:
        """The file of anchors, if it is a person's own."""
        return (Path(self.anchors),) if self.anchors else ()

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse operators that have neither anchors nor a measured damage."""
        anchors = self._read()
        lacking = [name for name in sorted(drawn) if not _measured(name) and name not in anchors.operators]
        if lacking:
            raise BappsmithError(
                f"subset {subset.path}: judge scale knows no damage of {', '.join(lacking)}; leave them out, give "
                "anchors for them, or measure an operator of your own with `bappsmith calibrate`"
            )

    def measure(self, items: JudgedItems) -> Figures:
        """Return the damage of both patches."""
        anchors = self._read()
        damage = [[self._chain(chain, items.patch, anchors) for chain in pair] for pair in items.chains]
        return {"damage": np.array(damage, np.float64)}

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return the difference of damages, or the distance to the threshold, in standard deviations of the noise."""
        damage = figures["damage"]
        if kind == "jnd":
            return (self.threshold - damage[:, 1]) / self.noise
        return (damage[:, 0] - damage[:, 1]) / (np.sqrt(2) * self.noise)

    def drop(self, figures: Figures, kind: Kind) -> tuple[str, ...] | None:
        """Drop triplets of which nobody can see a distortion."""
        if kind == "jnd":
            return None
        return first_reason({UNSEEN: figures["damage"].max(axis=1) < self.drop_below})

    def _read(self) -> Anchors:
        return read_anchors(Path(self.anchors) if self.anchors else SHIPPED)

    def _chain(self, chain: Chain, side: int, anchors: Anchors) -> float:
        return sum(self._call(call, side, anchors) ** self.power for call in chain.calls) ** (1 / self.power)

    def _call(self, call: OperatorCall, side: int, anchors: Anchors) -> float:
        if call.severity == 0:
            return 0.0
        anchored = anchors.damage(call.name, call.params, side)
        if anchored is not None and not anchored[1]:
            return anchored[0]
        curve = operator(call.name).curve if _measured(call.name) else None
        measured = curve.damage_at(call.severity, side) if curve else None
        if anchored is not None:  # beyond the last anchor, the yardstick goes on
            return max(anchored[0], measured or 0.0)
        if measured is None:
            raise BappsmithError(
                f"judge scale knows no damage of {call.name} with {call.params}; give anchors, or leave it out"
            )
        return measured


def _measured(name: str) -> bool:
    known = operators().get(name)
    return known is not None and known.curve is not None and bool(known.curve.damage)
