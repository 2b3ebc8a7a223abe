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
    """What a dataset is made from; the same run gives the same bytes.

    Attributes:
        recipe: what to make.
        photographs: every photograph, train and val.
        plugins: name of every operator that can be drawn and is not bappsmith's own → sha256 of the
            file that defines it, or of the bank it draws from, hex.
        versions: library → version, of those that touch a pixel.
        form: in which items are stored, see `storage`; the same pixels in any, and no part of the fingerprint.
        bank_photographs: sha256 of the decoded pixels, hex, of every photograph that a bank of networks learnt from which
            can be drawn; none of them may ever be val.
        parents: of a dataset that was made of others: fingerprint, recipe, plugins, versions and names of photographs of
            each that items were first made in.
        selection: sha256 over which items of which parent stand where, hex; empty without parents.
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
        """What → digest or version, for telling what differs between two runs."""
        return dict(self._parts)

    @cached_property
    def _parts(self) -> dict[str, str]:
        """Computed once: with 100,000 photographs this takes a second."""
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
        """The parts by which a folder is known to hold this dataset: those of the fingerprint, and the form."""
        return {**self.parts(), "form": self.form}

    def fingerprint(self) -> str:
        """sha256 over all parts, hex."""
        return hashlib.sha256(json.dumps(self.parts(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the fingerprint."""
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
        """What a dataset that is made of this one says of it."""
        facts = self.to_json()
        kept = {name: facts[name] for name in ("fingerprint", "recipe", "plugins", "versions")}
        return {**kept, "photographs": [photo.name for photo in self.photographs]}

    def parent(self, fingerprint: str) -> Run:
        """The run that items were first made in.

        Raises:
            BappsmithError: there is none of that fingerprint.
        """
        for facts in self.parents:
            if facts["fingerprint"] == fingerprint:
                names = set(facts["photographs"])
                photographs = tuple(photo for photo in self.photographs if photo.name in names)
                return Run(Recipe.from_dict(facts["recipe"]), photographs, facts["plugins"], facts["versions"])
        raise BappsmithError(
            f"the facts of this dataset are damaged (no parent {fingerprint}); restore them from a copy"
        )

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Run:
        """The run that `to_json` described.

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
            texts = [run.form, run.selection, *run.bank_photographs, *_texts(run.plugins), *_texts(run.versions)]
            texts += [text for photo in run.photographs for text in (photo.name, photo.sha256, photo.pixels_sha256)]
            sides = [side for photo in run.photographs for side in (photo.height, photo.width)]
            if not all(isinstance(text, str) for text in texts) or not all(type(side) is int for side in sides):
                raise TypeError("a value is of another type")
        except (KeyError, TypeError, ValueError, AttributeError, BappsmithError) as error:
            raise BappsmithError(
                f"the facts of this dataset are damaged ({' '.join(repr(error).split())[:200]}); restore them from a copy"
            ) from error
        return run


def _parent(facts: dict[str, Any]) -> dict[str, Any]:
    """What `Run.as_parent` said, checked."""
    Recipe.from_dict(facts["recipe"])
    texts = [facts["fingerprint"], *facts["photographs"], *_texts(facts["plugins"]), *_texts(facts["versions"])]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a value of a parent is of another type")
    return facts


def _texts(mapping: dict[str, str]) -> list[str]:
    return [*mapping.keys(), *mapping.values()]
