"""Settings of one subset in recipes: number of items, distortions, judge."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from bappsmith.manifests.schema.subset_path import MAX_ITEMS, SubsetPath

from .judges import AnyJudge, ContextJudge, Judge, PsychometricJudge, SeverityJudge
from .strict import Strict

TRADITIONAL_FAMILIES = ("photometric", "noise", "blur", "spatial", "compression")


class Distort(Strict):
    """Which chains of operators may be drawn.

    Attributes:
        families: families whose operators may be drawn, if `operators` is empty.
        operators: names of operators; empty: all of `families`.
        exclude: names of operators to leave out.
        length: lengths of chains, each equally likely: [1], [2] or [1, 2]. A chain never has the same operator twice.
        exclude_pairs: ordered pairs [first, second] that are never chained. Each side names an operator or a family.
        severity: (low, high], within [0, 1]. The severity of every operator is drawn uniformly from it. Default: (0, 1]
            for 2AFC, and (0, 0.5] for JND, whose questions are near the threshold.
    """

    families: tuple[str, ...] = TRADITIONAL_FAMILIES
    operators: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    length: tuple[Literal[1, 2], ...] = Field(default=(1, 2), min_length=1)
    exclude_pairs: tuple[tuple[str, str], ...] = ()
    severity: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _check(self) -> Distort:
        if self.severity is not None and not 0 <= self.severity[0] < self.severity[1] <= 1:
            raise ValueError(f"severity is [low, high] with 0 <= low < high <= 1, found {list(self.severity)}")
        if len(set(self.length)) != len(self.length):
            raise ValueError(f"length names each length once, found {list(self.length)}")
        return self


class SubsetRecipe(Strict):
    """One BAPPS folder to make.

    Attributes:
        path: 2afc/train/NAME, 2afc/val/NAME or jnd/val/NAME.
        triplets: number of 2AFC triplets.
        pairs: number of JND pairs.
        distort: which chains may be drawn.
        pairing: 2AFC only. `independent`: p0 and p1 get independent chains, as in BAPPS. `different-operators`: also,
            the two chains have no operator in common. `same-chain`: the same operators and free parameters; only
            severity differs.
        judge: the judge. Default: `severity` for 2AFC, `psychometric` for JND.
    """

    path: str
    triplets: int | None = Field(default=None, ge=1)
    pairs: int | None = Field(default=None, ge=1)
    distort: Distort = Distort()
    pairing: Literal["independent", "different-operators", "same-chain"] = "independent"
    judge: Judge | None = None

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
        if isinstance(self.judge, PsychometricJudge) != (kind == "jnd") and self.judge is not None:
            raise ValueError(f"subset {self.path}: judge '{self.judge.kind}' cannot judge {kind}; choose another judge")
        if kind == "jnd" and self.pairing != "independent":
            raise ValueError(
                f"subset {self.path}: pairing is for 2afc, because a JND pair has one distorted patch; leave it out"
            )
        if isinstance(self.judge, ContextJudge) and self.pairing == "same-chain":
            raise ValueError(
                f"subset {self.path}: a ranking of operators cannot judge pairing same-chain, because both sides have "
                "the same operators; use judge severity, or pairing different-operators"
            )
        return self

    @property
    def where(self) -> SubsetPath:
        """The parsed path."""
        return SubsetPath.parse(self.path)

    @property
    def count(self) -> int:
        """Number of triplets or pairs."""
        return self.triplets or self.pairs or 0

    @property
    def judged_by(self) -> AnyJudge:
        """The judge, or the default judge of the kind."""
        return self.judge or (PsychometricJudge() if self.where.kind == "jnd" else SeverityJudge())

    @property
    def severity(self) -> tuple[float, float]:
        """The severity range (low, high], or the default of the kind."""
        return self.distort.severity or ((0.0, 0.5) if self.where.kind == "jnd" else (0.0, 1.0))
