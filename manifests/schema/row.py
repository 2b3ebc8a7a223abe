"""What a dataset says of one item: its plan, where it was first made, and the hashes of what is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .subset_path import IMAGE_FOLDERS, SubsetPath
from .triplet import Crop, TripletRecord


@dataclass(frozen=True, slots=True)
class ItemOrigin:
    """Where an item of a derived dataset was first made: fingerprint of that dataset, subset, position in it."""

    fingerprint: str
    subset: str
    index: int

    def to_json(self) -> str:
        """JSON text, as the manifest holds it."""
        return json.dumps([self.fingerprint, self.subset, self.index])


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a sealed dataset.

    Attributes:
        plan: photograph, candidate crops, distortions: everything that decides the pixels.
        crop: the candidate that was taken.
        origin: where the item was first made; None: in this dataset.
        sha256: folder (ref, p0, p1) → sha256 of the file, 32 bytes; empty where images are stored packed.
        size: folder → bytes of the file; empty likewise.
        pixels_sha256: folder → sha256 of the decoded pixels (height × width × 3, RGB), 32 bytes, the same on every
            machine.
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
        """The row that a manifest's columns describe, see `table.manifest_schema`."""
        plan = TripletRecord.from_row(str(subset), columns)
        folders = IMAGE_FOLDERS[subset.kind]
        stored = [folder for folder in folders if columns[f"file_{folder}"] is not None]
        return cls(
            plan=plan,
            crop=plan.crops[columns["crop"]],
            origin=ItemOrigin(*json.loads(columns["origin"])) if columns["origin"] else None,
            sha256={folder: columns[f"file_{folder}"] for folder in stored},
            size={folder: columns[f"size_{folder}"] for folder in stored},
            pixels_sha256={folder: columns[f"pixels_{folder}"] for folder in folders},
        )
