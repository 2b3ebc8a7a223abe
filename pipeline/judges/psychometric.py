"""The judge `psychometric`: JND votes from a psychometric function of severity."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import expit

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.calibrated import uncalibrated


@register_judge
class Psychometric(Judge):
    """JND: the probability of "same" falls with total severity s as 1 / (1 + exp(slope·(s - midpoint))).

    This is the logistic psychometric function. Midpoint and slope are not published for BAPPS. The defaults are chosen
    here to say about the same as the judge `scale` does by its threshold of .35 points and its noise of .4 points: with
    the fitted table, one operator does .36 points of damage at severity .15, .15 just above 0, where 74 % of the votes
    are "same", and 1.0 at .5, where 8 % are.

    Attributes:
        midpoint: total severity at which half of the votes are "same".
        slope: steepness, per unit of severity.
        votes: number of votes per pair (BAPPS: 3).
    """

    kinds = ("jnd",)

    midpoint: float = Field(default=0.15, gt=0, le=2)
    slope: float = Field(default=7.0, gt=0, le=1e6)
    votes: int = Field(default=3, ge=0, le=1000)

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse operators without calibrated severity."""
        if names := uncalibrated(drawn):
            raise BappsmithError(
                f"subset {subset.path}: judge psychometric reads severity as visibility, and {names} no calibrated "
                "severity; leave them out"
            )

    def measure(self, items: JudgedItems) -> Figures:
        """Return the total severity."""
        return {"severity": items.severities[:, 1]}

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return slope·(midpoint - severity), the logit of the probability."""
        return self.slope * (self.midpoint - figures["severity"])

    def probability(self, preferences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logistic function of the preference."""
        return expit(preferences)
