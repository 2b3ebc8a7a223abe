"""Recipes: the description of a dataset to make. They are frozen, read and write YAML, and refuse unknown keys."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .distort import Distort
from .explain import explain
from .load import read_recipe
from .plain_yaml import load_yaml
from .sources import Sources
from .strict import Strict
from .subset import SubsetRecipe


class FlatRule(Strict):
    """When a candidate crop counts as flat (sky, walls). A flat candidate is skipped.

    Attributes:
        below: a patch is flat if the standard deviation of its luma is below this, in levels of 255. The default of 6
            levels is about the contrast of film grain. It is not published, but chosen by eye.
        candidates: number of crops drawn per triplet. If all are flat, the one with the most contrast is used.
    """

    below: float = Field(default=6.0, ge=0, le=128)
    candidates: int = Field(default=4, ge=1, le=64)


class Recipe(Strict):
    """The complete description of a dataset. Together with the photographs, it decides every byte.

    Attributes:
        name: name of the dataset.
        seed: in [0, 2^64).
        patch: side of the square patches, px.
        scale: [low, high]. The side of a crop is patch × scale, with scale drawn log-uniformly (smaller if the
            photograph is smaller). The crop is reduced to the patch by area averaging.
        flat: which crops count as flat.
        sources: the photographs.
        subsets: the subsets to make.
        context: free text for the card: what the judgments mean.
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

        Args:
            data: a mapping of keys, as YAML gives it.
            origin: name of the file, for the error.

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

        Args:
            text: of the recipe.
            origin: name of the file, for the error.

        Raises:
            BappsmithError: the text is not YAML, not plain data, too large, or not a recipe.

        Examples:
            >>> text = "{name: blurs, subsets: [{path: 2afc/train/blurs, triplets: 100, distort: {families: [blur]}}]}"
            >>> recipe = Recipe.from_yaml(text)
            >>> recipe.patch, recipe.subsets[0].pairing
            (64, 'independent')
        """
        try:
            data = load_yaml(text)
        except BappsmithError as error:
            raise BappsmithError(f"{printable(origin)}: {error}") from error
        return cls.from_dict(data, origin)

    @classmethod
    def load(cls, recipe: str | Path) -> Recipe:
        """Read a recipe file or a shipped recipe.

        Args:
            recipe: path of a file, or name of a shipped recipe.

        Raises:
            BappsmithError: there is no such file or shipped recipe, or it is not valid.
        """
        return cls.from_yaml(read_recipe(recipe), str(recipe))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with all defaults filled in."""
        return self.model_dump(mode="json")

    def to_yaml(self) -> str:
        """Return YAML text, with all defaults filled in. `from_yaml` gives an equal recipe."""
        text = yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True)
        if any(c in text for c in "\x85\u2028\u2029"):  # PyYAML writes these unescaped, and reads them as spaces
            text = yaml.safe_dump(self.to_dict(), sort_keys=False)
        return text

    def digest(self) -> str:
        """Compute the sha256 of everything that decides content, hex. The path of the photographs does not count."""
        content = self.to_dict()
        del content["sources"]["path"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


_PARTS: dict[str, type[BaseModel]] = {
    "sources": Sources,
    "flat": FlatRule,
    "subsets": SubsetRecipe,
    "distort": Distort,
}
"""Step of a location → the model of that step."""
