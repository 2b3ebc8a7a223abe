"""The plan of one triplet, without its pixels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .call import Chain

_compact = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would build an encoder for every value


class Crop(NamedTuple):
    """A square of a photograph, px: rows y … y + side - 1, columns x … x + side - 1."""

    y: int
    x: int
    side: int


@dataclass(frozen=True, slots=True)
class TripletRecord:
    """The plan of one triplet or JND pair. Together with the photograph, it decides every pixel. Judgments are apart.

    Attributes:
        subset: such as 2afc/train/traditional.
        index: position in the subset, from 0.
        photo: name of the photograph.
        photo_sha256: sha256 of its file, hex.
        crops: candidate crops, in the order in which they are tried.
        patch: side of the patch, px.
        flat_below: a candidate is flat if the standard deviation of its luma is below this, in levels of 255.
        chain0: the distortions of p0; empty for JND, where p0 is the undistorted patch.
        chain1: the distortions of p1.
    """

    subset: str
    index: int
    photo: str
    photo_sha256: str
    crops: tuple[Crop, ...]
    patch: int
    flat_below: float
    chain0: Chain
    chain1: Chain

    def to_row(self) -> dict[str, Any]:
        """Return the columns of the plan in a manifest. Nested values are JSON text."""
        return {
            "index": self.index,
            "photo": self.photo,
            "photo_sha256": self.photo_sha256,
            "crops": _compact(self.crops),
            "patch": self.patch,
            "flat_below": self.flat_below,
            "operators0": "+".join(self.chain0.names),
            "operators1": "+".join(self.chain1.names),
            "severity0": self.chain0.severity,
            "severity1": self.chain1.severity,
            "chain0": _compact(self.chain0.to_json()),
            "chain1": _compact(self.chain1.to_json()),
        }

    @classmethod
    def from_row(cls, subset: str, row: Mapping[str, Any]) -> TripletRecord:
        """Build the record that `to_row` described."""
        return cls(
            subset=subset,
            index=row["index"],
            photo=row["photo"],
            photo_sha256=row["photo_sha256"],
            crops=tuple(Crop(*crop) for crop in json.loads(row["crops"])),
            patch=row["patch"],
            flat_below=row["flat_below"],
            chain0=Chain.from_json(json.loads(row["chain0"])),
            chain1=Chain.from_json(json.loads(row["chain1"])),
        )
