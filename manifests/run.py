"""What a dataset is made from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.photograph import Photograph

from .errors import BappsmithError


@dataclass(frozen=True)
class Run:
    """What a dataset is made from. Equal runs give equal bytes.

    Attributes:
        recipe: what to make.
        photographs: every photograph, train and val.
        plugins: operator → sha256 in hex, of the file that defines it or of the bank it draws from. It names every
            operator that can be drawn and is not part of bappsmith.
        versions: library → version, for every library that computes pixels.
        form: how items are stored, see `storage`. Pixels are the same in every form; the form is not part of the
            fingerprint.
        bank_photographs: sha256 of the decoded pixels, hex, of every photograph that a drawable bank of networks was
            trained on. None of them may be in val.
        parents: of a derived dataset, one dictionary per dataset in which items were first made: fingerprint, recipe,
            plugins, versions and names of photographs.
        selection: sha256 over the list of items (parent, subset, index) in their new order, hex; empty without parents.
    """

    recipe: Recipe
    photographs: tuple[Photograph, ...]
    plugins: dict[str, str]
    versions: dict[str, str]
    form: str = "folders"
    bank_photographs: tuple[str, ...] = ()
    parents: tuple[dict[str, Any], ...] = ()
    selection: str = ""

    def parts(self) -> dict[str, str]:
        """Return part → digest or version, to say what differs between two runs."""
        return dict(self._parts)

    @cached_property
    def _parts(self) -> dict[str, str]:
        """The parts, computed once: for 100,000 photographs this takes a second."""
        listing = json.dumps([asdict(photo) for photo in self.photographs], sort_keys=True)
        photographs = hashlib.sha256(listing.encode()).hexdigest()
        plugins = json.dumps(self.plugins, sort_keys=True)
        return {
            "recipe": self.recipe.digest(),
            "photographs": photographs,
            "plugins": plugins,
            **({"selection": self.selection} if self.parents else {}),
            **self.versions,
        }

    def work_parts(self) -> dict[str, str]:
        """Return the parts that a folder must have to hold this dataset: those of the fingerprint, and the form."""
        return {**self.parts(), "form": self.form}

    def fingerprint(self) -> str:
        """Compute the sha256 over all parts, hex."""
        return hashlib.sha256(json.dumps(self.parts(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, with the fingerprint."""
        return {
            "fingerprint": self.fingerprint(),
            "recipe": self.recipe.to_dict(),
            "photographs": [asdict(photo) for photo in self.photographs],
            "bank_photographs": list(self.bank_photographs),
            "plugins": self.plugins,
            "versions": self.versions,
            "form": self.form,
            **({"parents": list(self.parents), "selection": self.selection} if self.parents else {}),
        }

    def as_parent(self) -> dict[str, Any]:
        """Return what a derived dataset records about this one, see `parents`."""
        facts = self.to_json()
        kept = {name: facts[name] for name in ("fingerprint", "recipe", "plugins", "versions")}
        return {**kept, "photographs": [photo.name for photo in self.photographs]}

    def parent(self, fingerprint: str) -> Run:
        """Return the run in which items of a derived dataset were first made.

        Args:
            fingerprint: of that run, hex.

        Raises:
            BappsmithError: no parent has this fingerprint.
        """
        for facts in self.parents:
            if facts["fingerprint"] == fingerprint:
                names = set(facts["photographs"])
                photographs = tuple(photo for photo in self.photographs if photo.name in names)
                return Run(Recipe.from_dict(facts["recipe"]), photographs, facts["plugins"], facts["versions"])
        raise BappsmithError(
            f"the records of this dataset are damaged (no parent {fingerprint}); restore seal.json and sources.json "
            "from a copy"
        )

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Run:
        """Build the run that `to_json` described.

        Raises:
            BappsmithError: a part is missing or malformed.
        """
        try:
            run = cls(
                recipe=Recipe.from_dict(data["recipe"]),
                photographs=tuple(Photograph(**photo) for photo in data["photographs"]),
                plugins=dict(data["plugins"]),
                versions=dict(data["versions"]),
                form=data["form"],
                bank_photographs=tuple(data["bank_photographs"]),
                parents=tuple(_parent(parent) for parent in data.get("parents", ())),
                selection=data.get("selection", ""),
            )
            texts: list[object] = [
                run.form,
                run.selection,
                *run.bank_photographs,
                *_texts(run.plugins),
                *_texts(run.versions),
            ]
            texts += [text for photo in run.photographs for text in (photo.name, photo.sha256, photo.pixels_sha256)]
            sides: list[object] = [side for photo in run.photographs for side in (photo.height, photo.width)]
            if not all(isinstance(text, str) for text in texts) or not all(type(side) is int for side in sides):
                raise TypeError("a value is of another type")
        except (KeyError, TypeError, ValueError, AttributeError, BappsmithError) as error:
            raise BappsmithError(
                f"the records of this dataset are damaged ({' '.join(repr(error).split())[:200]}); restore seal.json "
                "and sources.json from a copy"
            ) from error
        return run


def _parent(facts: dict[str, Any]) -> dict[str, Any]:
    """Check what `Run.as_parent` returned, and return it."""
    Recipe.from_dict(facts["recipe"])
    texts: list[object] = [
        facts["fingerprint"],
        *facts["photographs"],
        *_texts(facts["plugins"]),
        *_texts(facts["versions"]),
    ]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a value of a parent is of another type")
    return facts


def _texts(mapping: dict[str, str]) -> list[str]:
    return [*mapping.keys(), *mapping.values()]
