"""The judge `observers`: simulated people around any other judge, with noise, lapses and side bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import ndtr

from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.nested import NestedJudge
from bappsmith.pipeline.judging.registry import make_judge


@register_judge
class Observers(Judge):
    """Simulated people see another judge's preference with noise, answer at random now and then, and favour a side.

    A vote goes to p1, or to "the same", with probability

        p = lapse / 2 + (1 - lapse) · (Φ(x + bias) + Φ(x - bias)) / 2,    x = inner preference / noise

    (Thurstone 1927; lapses: Wichmann and Hill 2001). The side on which p1 is shown is drawn anew for every vote, so the
    bias has either sign equally often. p is what remains if sides are not recorded, and votes are independent.

    Attributes:
        of: the other judge. Its votes and its own probability play no part.
        votes: number of people per item.
        noise: standard deviation of their noise, in units of the inner preference.
        lapse: share of votes that do not depend on what is seen.
        bias: shift towards the favoured side, in standard deviations of the noise.
    """

    kinds = ("2afc", "jnd")

    of: NestedJudge
    votes: int = Field(default=5, ge=0, le=1000)
    noise: float = Field(default=1.0, gt=0, le=1e6)
    lapse: float = Field(default=0.02, ge=0, le=1)
    bias: float = Field(default=0.0, ge=0, le=10)

    @property
    def inner(self) -> tuple[Judge, ...]:
        """The judge whose preference people see."""
        return (make_judge(self.of),)

    def measure(self, items: JudgedItems) -> Figures:
        """Return the inner judge's figures."""
        return self.inner[0].measure(items)

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return the inner judge's preference in standard deviations of the noise."""
        return self.inner[0].prefer(figures, kind) / self.noise

    def probability(self, preferences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return p; see the class."""
        seen = (ndtr(preferences + self.bias) + ndtr(preferences - self.bias)) / 2
        return self.lapse / 2 + (1 - self.lapse) * seen

    def drop(self, figures: Figures, kind: Kind) -> tuple[str, ...] | None:
        """Drop what the inner judge drops."""
        return self.inner[0].drop(figures, kind)

    def report(self, figures: Figures, kind: Kind) -> dict[str, float]:
        """Return what the inner judge learnt."""
        return self.inner[0].report(figures, kind)
