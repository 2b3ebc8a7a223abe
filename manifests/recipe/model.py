"""Recipes: what to make. Frozen, YAML in and out, unknown keys refused by name."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.schema.subset_path import MAX_ITEMS, SubsetPath

from .explain import explain
from .judges import JUDGES, ContextJudge, Judge, PsychometricJudge, SeverityJudge
from .load import read_recipe
from .plain_yaml import load_yaml
from .strict import Strict

TRADITIONAL_FAMILIES = ("photometric", "noise", "blur", "spatial", "compression")


class Sources(Strict):
    """Where the photographs come from.

    Attributes:
        path: a folder (searched recursively), a glob, or `samples`: the photographs that ship
            inside scikit-image.
        val_fraction: share of the photographs kept for val subsets, in (0, 1); at least one.
        split_seed: another one chooses others for val. Apart from the recipe's own seed, so that datasets of several
            seeds, and banks, divide the same photographs alike and can be put together.
        on_unreadable: `stop` the run at a photograph that cannot be read, or `skip` it; either way
            it is reported by name.
        max_pixels: a photograph with more, width × height, is unreadable: its file is small, its pixels might not fit
            into memory. The default is Pillow's.
        license: of the photographs, for the dataset's card: an SPDX name, a URL or a sentence.
    """

    path: str = "samples"
    val_fraction: float = Field(default=0.2, gt=0, lt=1)
    split_seed: int = Field(default=0, ge=0, lt=2**64)
    on_unreadable: Literal["stop", "skip"] = "stop"
    max_pixels: int = Field(default=178_956_970, ge=1, lt=2**63)
    license: str = "not stated"

    @field_validator("path")
    @classmethod
    def _check_path(cls, path: str) -> str:
        if "\0" in path:
            raise ValueError(f"a path holds no NUL, found {path!r}")
        return path


class FlatRule(Strict):
    """When a candidate crop counts as flat (sky, walls): the next candidate is then taken.

    Attributes:
        below: a patch is flat when the standard deviation of its luma, in levels of 255, is below
            this. 6 levels is about the contrast of film grain; not published, chosen by eye.
        candidates: crops drawn per triplet. If all are flat, the one with the most contrast is taken.
    """

    below: float = Field(default=6.0, ge=0, le=128)
    candidates: int = Field(default=4, ge=1, le=64)


class Distort(Strict):
    """Which chains of operators may be drawn.

    Attributes:
        families: families whose operators take part, unless `operators` names them one by one.
        operators: names of operators; empty: all of `families`.
        exclude: names of operators left out.
        length: lengths of chains, each equally likely: [1], [2] or [1, 2]. No chain has the same
            operator twice.
        exclude_pairs: ordered pairs [first, second] that are not chained; each side is the name of an
            operator or of a family.
        severity: (low, high]; every operator's severity is drawn uniformly from it. Default: (0, 1],
            and (0, 0.5] for JND, where the interest is near the threshold.
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
        pairing: `independent` (p0 and p1 get chains of their own, as in BAPPS), `different-operators`
            (likewise, and the two chains have no operator in common) or `same-chain` (the same
            operators and the same free parameters, only severity differs). 2AFC only.
        judge: who judges. Default: `severity` for 2AFC, `psychometric` for JND.
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
            raise ValueError(f"subset {self.path} is counted in '{wanted}', found '{other}' or nothing")
        if self.count > MAX_ITEMS:
            raise ValueError(
                f"subset {self.path}: six-digit file names hold at most {MAX_ITEMS:,} {wanted}, asked for "
                f"{self.count:,}; spread them over several subsets"
            )
        if isinstance(self.judge, PsychometricJudge) != (kind == "jnd") and self.judge is not None:
            raise ValueError(f"subset {self.path}: judge '{self.judge.kind}' does not judge {kind}")
        if kind == "jnd" and self.pairing != "independent":
            raise ValueError(f"subset {self.path}: pairing is for 2afc; a JND pair has one distorted patch")
        if isinstance(self.judge, ContextJudge) and self.pairing == "same-chain":
            raise ValueError(
                f"subset {self.path}: a ranking of operators cannot judge pairing same-chain, where both sides have the "
                "same operators; take judge severity, or pairing different-operators"
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
    def judged_by(self) -> SeverityJudge | ContextJudge | PsychometricJudge:
        """The judge, with the default of the kind filled in."""
        return self.judge or (PsychometricJudge() if self.where.kind == "jnd" else SeverityJudge())

    @property
    def severity(self) -> tuple[float, float]:
        """The severity range, with the default of the kind filled in."""
        return self.distort.severity or ((0.0, 0.5) if self.where.kind == "jnd" else (0.0, 1.0))


class Recipe(Strict):
    """What to make, complete: with the photographs, it decides every byte of a dataset.

    Attributes:
        name: of the dataset.
        seed: in [0, 2^64).
        patch: side of the square patches, px.
        scale: a crop's side is patch × scale, drawn log-uniformly from [low, high] (less where the
            photograph is smaller) and reduced to the patch by area averaging.
        flat: which crops count as flat.
        sources: the photographs.
        subsets: what to make of them.
        context: for the card: what the judgments mean. Free text.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    seed: int = Field(default=0, ge=0, lt=2**64)
    patch: int = Field(default=64, ge=8, le=1024)
    scale: tuple[float, float] = (1.0, 4.0)
    flat: FlatRule = FlatRule()
    sources: Sources = Sources()
    subsets: tuple[SubsetRecipe, ...] = Field(min_length=1)
    context: str = ""

    @model_validator(mode="after")
    def _check(self) -> Recipe:
        if not 1 <= self.scale[0] <= self.scale[1] <= 1024:
            raise ValueError(f"scale is [low, high] with 1 <= low <= high <= 1024, found {list(self.scale)}")
        times = Counter(str(subset.where) for subset in self.subsets)
        twice = sorted(path for path, count in times.items() if count > 1)
        if twice:
            raise ValueError(f"subset {twice[0]} is named twice")
        return self

    @classmethod
    def from_dict(cls, data: Any, origin: str = "recipe") -> Recipe:
        """Validate plain data.

        Raises:
            BappsmithError: one line that names the key, what was allowed and what came.
        """
        if not isinstance(data, dict):
            came = "nothing" if data is None else type(data).__name__
            raise BappsmithError(f"{printable(origin)}: a recipe is a mapping of keys, found {came}")
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise BappsmithError(f"{printable(origin)}: {explain(error, 'recipe key', cls, _PARTS)}") from error
        except BappsmithError as error:
            raise BappsmithError(f"{printable(origin)}: {printable(str(error), 500)}") from error

    @classmethod
    def from_yaml(cls, text: str, origin: str = "recipe") -> Recipe:
        """Read YAML text.

        Raises:
            BappsmithError: not YAML, not plain data, too much of it, or not a recipe.
        """
        try:
            data = load_yaml(text)
        except BappsmithError as error:
            raise BappsmithError(f"{printable(origin)}: {error}") from error
        return cls.from_dict(data, origin)

    @classmethod
    def load(cls, recipe: str | Path) -> Recipe:
        """Read a recipe file, or one that ships by its name.

        Raises:
            BappsmithError: there is no such file and no such shipped recipe, or it is not valid.
        """
        return cls.from_yaml(read_recipe(recipe), str(recipe))

    def to_dict(self) -> dict[str, Any]:
        """Plain data with every default written out."""
        return self.model_dump(mode="json")

    def to_yaml(self) -> str:
        """YAML with every default written out; `from_yaml` gives an equal recipe."""
        text = yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True)
        if any(c in text for c in "\x85\u2028\u2029"):  # PyYAML writes these as they are, and reads spaces back
            text = yaml.safe_dump(self.to_dict(), sort_keys=False)
        return text

    def digest(self) -> str:
        """sha256 of everything that decides content; where the photographs lie does not."""
        content = self.to_dict()
        del content["sources"]["path"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


_PARTS: dict[str, type[BaseModel]] = {
    "sources": Sources,
    "flat": FlatRule,
    "subsets": SubsetRecipe,
    "distort": Distort,
    **JUDGES,  # pydantic names the judge's kind as a step of the location
}
"""Step of a location → what stands there."""
