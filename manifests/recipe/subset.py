"""Settings of one subset in recipes: number of items, distortions, pairing, judge."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bappsmith.manifests.schema.subset_path import MAX_ITEMS, SubsetPath

from .distort import Distort
from .judge import JudgeSpec
from .strict import Strict

Pairing = Literal["independent", "different-operators", "same-chain", "same-degradation"]


class SubsetRecipe(Strict):
    """One BAPPS folder to make.

    Attributes:
        path: 2afc/train/NAME, 2afc/val/NAME or jnd/val/NAME.
        triplets: number of 2AFC triplets.
        pairs: number of JND pairs.
        distort: which chains may be drawn.
        pairing: 2AFC only. `independent`: p0 and p1 get independent chains, as in BAPPS. `different-operators`: also,
            the two chains have no operator in common. `same-chain`: the same operators and free parameters; only
            severity differs. `same-degradation`: two operators that restore the same degraded image.
        judge: the judge; None: the default judge for what it draws, see `pipeline.planning.judgeable`.
    """

    path: str
    triplets: int | None = Field(default=None, ge=1)
    pairs: int | None = Field(default=None, ge=1)
    distort: Distort = Distort()
    pairing: Pairing = "independent"
    judge: JudgeSpec | None = None

    @model_validator(mode="after")
    def _check(self) -> SubsetRecipe:
        kind, wanted, other = self.where.kind, "triplets", "pairs"
        if kind == "jnd":
            wanted, other = other, wanted
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise ValueError(
                f"subset {self.path} needs its count in '{wanted}', found '{other}' or nothing; give '{wanted}'"
            )
        if self.count > MAX_ITEMS:
            raise ValueError(
                f"subset {self.path}: a subset has at most {MAX_ITEMS:,} {wanted}, asked for "
                f"{self.count:,}; divide them into several subsets"
            )
        if kind == "jnd" and self.pairing != "independent":
            raise ValueError(
                f"subset {self.path}: pairing is for 2afc, because a JND pair has one distorted patch; leave it out"
            )
        if self.pairing == "same-degradation":
            self._check_same_degradation()
        return self

    def _check_same_degradation(self) -> None:
        lengths = {*self.distort.length, *(len(pattern) for pattern in self.distort.patterns)}
        if lengths != {1}:
            raise ValueError(
                f"subset {self.path}: pairing same-degradation needs chains of one operator, found lengths "
                f"{', '.join(map(str, sorted(lengths)))}; use length: [1]"
            )

    @property
    def where(self) -> SubsetPath:
        """The parsed path."""
        return SubsetPath.parse(self.path)

    @property
    def count(self) -> int:
        """Number of triplets or pairs."""
        return self.triplets or self.pairs or 0

    @property
    def severity(self) -> tuple[float, float]:
        """The severity range (low, high], or the default of the kind."""
        return self.distort.severity or ((0.0, 0.5) if self.where.kind == "jnd" else (0.0, 1.0))
