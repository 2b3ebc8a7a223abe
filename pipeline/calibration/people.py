"""What was fitted to people's scores: measures of a pair of images → damage, in points of a mean opinion score."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.store.bounded import read_bounded

from .measures import MEASURES

FITTED = Path(__file__).parent / "people.json"
FORMAT = "bappsmith-people-1"
_LIMIT = 2**20
"""Largest size of the file, bytes."""

Finite = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Term(BaseModel):
    """One measure in the index: weight · log(1 + measure / scale).

    Attributes:
        measure: a name in `MEASURES`.
        scale: value of the measure below which it counts about linearly, and above which its ratios count.
        weight: of the term.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    scale: float = Field(gt=0, allow_inf_nan=False)
    weight: Finite

    @field_validator("measure")
    @classmethod
    def _known(cls, measure: str) -> str:
        if measure not in MEASURES:
            raise ValueError(f"measure must be one of {', '.join(MEASURES)}, found {measure!r}")
        return measure


class DamageFit(BaseModel):
    """A function of measures. It is 0 for equal images and rises with every measure.

    Attributes:
        terms: their sum is the index.
        knots: shorter side of the images in px → (index, damage), both rising from (0, 0). Damage is linear between
            them, and stays beyond the last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    terms: tuple[Term, ...] = Field(min_length=1, max_length=4)
    knots: dict[Annotated[int, Field(ge=1)], tuple[tuple[Finite, Finite], ...]] = Field(min_length=1)

    @field_validator("knots")
    @classmethod
    def _rising(cls, knots: dict[int, tuple[tuple[float, float], ...]]) -> dict[int, tuple[tuple[float, float], ...]]:
        for side, row in knots.items():
            rising = all(x0 < x1 and y0 <= y1 for (x0, y0), (x1, y1) in pairwise(row))
            if row[:1] != ((0.0, 0.0),) or len(row) < 2 or not rising:
                raise ValueError(f"knots at side {side} must rise from (0, 0), found {list(map(list, row))}")
        return knots

    def index(self, measures: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Combine measures, shape (N,) each, into an index, shape (N,)."""
        return np.sum([one.weight * np.log1p(measures[one.measure] / one.scale) for one in self.terms], axis=0)

    def damage(self, index: NDArray[np.float64], side: int) -> NDArray[np.float64]:
        """Turn an index into damage.

        Between two sides of the fit, damage is interpolated over the logarithm of the side. Beyond them, the nearest
        side applies.

        Args:
            index: shape (N,).
            side: shorter side of the images, px.
        """
        sides = sorted(self.knots)
        above = bisect_right(sides, side)
        if above in (0, len(sides)):
            return self._at(index, sides[min(above, len(sides) - 1)])
        low, high = sides[above - 1], sides[above]
        share = math.log(side / low) / math.log(high / low)
        return (1 - share) * self._at(index, low) + share * self._at(index, high)

    def _at(self, index: NDArray[np.float64], side: int) -> NDArray[np.float64]:
        x, y = zip(*self.knots[side], strict=True)
        return np.interp(index, x, y)


class PeopleFit(BaseModel):
    """What was fitted to people's scores.

    Attributes:
        format: `FORMAT`.
        unit: of damage, in words.
        source: whose scores, of which images.
        probe: value of the measure `covariances` for a fixed pair of images, by the trunk that the fits were made with.
        general: for any distortion but those that move the picture.
        displaced: for distortions that move the picture, which `general` compares position by position.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["bappsmith-people-1"] = FORMAT
    unit: str
    source: str = Field(min_length=1)
    probe: float = Field(gt=0, allow_inf_nan=False)
    general: DamageFit
    displaced: DamageFit

    def text(self) -> str:
        """Return the text of the file."""
        return json.dumps(self.model_dump(mode="json"), indent=1) + "\n"


def read_people(path: Path = FITTED) -> PeopleFit:
    """Read what was fitted to people's scores.

    Raises:
        BappsmithError: the file cannot be read, or is damaged.
    """
    try:
        return PeopleFit.model_validate(json.loads(read_bounded(path, _LIMIT)))
    except (ValueError, RecursionError) as error:
        reason = (
            explain(error, "key", PeopleFit, {"general": DamageFit, "displaced": DamageFit, "terms": Term})
            if isinstance(error, ValidationError)
            else "it is not JSON"
        )
        raise BappsmithError(
            f"{path} is not a fit to people's scores: {reason}; install bappsmith again, or fit it with "
            "experiments/people/yardstick.py"
        ) from error
