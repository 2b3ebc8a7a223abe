"""One row of a manifest: the plan of an item, where it was first made, and the hashes of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .subset_path import IMAGE_FOLDERS, SubsetPath
from .triplet import Crop, TripletRecord


@dataclass(frozen=True, slots=True)
class ItemOrigin:
    """Where an item of a derived dataset was first made.

    Attributes:
        fingerprint: of the dataset that first made it, hex.
        subset: path of the subset there.
        index: position in that subset, from 0.
    """

    fingerprint: str
    subset: str
    index: int

    def to_json(self) -> str:
        """Return the JSON text that the manifest holds."""
        return json.dumps([self.fingerprint, self.subset, self.index])


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a sealed dataset.

    Attributes:
        plan: photograph, candidate crops and distortions. It decides the pixels.
        crop: the chosen candidate.
        origin: where the item was first made; None: in this dataset.
        sha256: folder (ref, p0, p1) → sha256 of the file, 32 bytes; empty in form packed.
        size: folder → size of the file in bytes; empty in form packed.
        pixels_sha256: folder → sha256 of the decoded pixels (height × width × 3, RGB), 32 bytes. It is the same on
            every machine.
    """

    plan: TripletRecord
    crop: Crop
    origin: ItemOrigin | None
    sha256: dict[str, bytes]
    size: dict[str, int]
    pixels_sha256: dict[str, bytes]

    @property
    def index(self) -> int:
        """Position in the subset, from 0."""
        return self.plan.index

    @classmethod
    def from_columns(cls, subset: SubsetPath, columns: Mapping[str, Any]) -> Row:
        """Build a row from the columns of a manifest, see `table.manifest_schema`."""
        plan = TripletRecord.from_row(str(subset), columns)
        folders = IMAGE_FOLDERS[subset.kind]
        with_file = [folder for folder in folders if columns[f"file_{folder}"] is not None]
        return cls(
            plan=plan,
            crop=plan.crops[int(columns["crop"])],
            origin=ItemOrigin(*json.loads(columns["origin"])) if columns["origin"] else None,
            sha256={folder: columns[f"file_{folder}"] for folder in with_file},
            size={folder: columns[f"size_{folder}"] for folder in with_file},
            pixels_sha256={folder: columns[f"pixels_{folder}"] for folder in folders},
        )
