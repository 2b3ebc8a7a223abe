"""What a dataset is made from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from .errors import BappsmithError
from .recipe import Recipe
from .triplet import Photograph


@dataclass(frozen=True)
class Run:
    """What a dataset is made from; the same run gives the same bytes.

    Attributes:
        recipe: what to make.
        photographs: every photograph, train and val.
        plugins: name of every operator that can be drawn and is not bappsmith's own → sha256 of the
            file that defines it, or of the bank it draws from, hex.
        versions: library → version, of those that touch a pixel.
        form: in which items are stored, see `storage`; the same pixels in any, and no part of the fingerprint.
    """

    recipe: Recipe
    photographs: tuple[Photograph, ...]
    plugins: dict[str, str]
    versions: dict[str, str]
    form: str = "folders"

    def parts(self) -> dict[str, str]:
        """What → digest or version, for telling what differs between two runs."""
        listing = json.dumps([asdict(photo) for photo in self.photographs], sort_keys=True)
        photographs = hashlib.sha256(listing.encode()).hexdigest()
        plugins = json.dumps(self.plugins, sort_keys=True)
        return {
            "recipe": self.recipe.digest(),
            "photographs": photographs,
            "plugins": plugins,
            **self.versions,
        }

    def fingerprint(self) -> str:
        """sha256 over all parts, hex."""
        return hashlib.sha256(json.dumps(self.parts(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the fingerprint."""
        return {
            "fingerprint": self.fingerprint(),
            "recipe": self.recipe.to_dict(),
            "photographs": [asdict(photo) for photo in self.photographs],
            "plugins": self.plugins,
            "versions": self.versions,
            "form": self.form,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Run:
        """The run that `to_json` described.

        Raises:
            BappsmithError: a part is missing or malformed.
        """
        try:
            photographs = tuple(Photograph(**photo) for photo in data["photographs"])
            recipe = Recipe.from_dict(data["recipe"])
            return cls(recipe, photographs, data["plugins"], data["versions"], data["form"])
        except (KeyError, TypeError) as error:
            raise BappsmithError(
                f"the books of this dataset are damaged ({error!r}); restore them from a copy"
            ) from error
