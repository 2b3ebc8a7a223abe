"""The path of a subset in a dataset, and the names of its folders and files (BAPPS).

Layout (Zhang et al. 2018, as distributed with the reference code)::

    2afc/{train,val}/<subset>/{ref,p0,p1}/NNNNNN.png   2afc/{train,val}/<subset>/judge/NNNNNN.npy
    jnd/val/<subset>/{p0,p1}/NNNNNN.png                jnd/val/<subset>/same/NNNNNN.npy

`judge` is the share of votes for p1. `same` is the share of votes for "the same". Each is one float32 of shape (1,) in
[0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from bappsmith.manifests.errors import BappsmithError

Kind = Literal["2afc", "jnd"]
Split = Literal["train", "val"]

IMAGE_FOLDERS: dict[Kind, tuple[str, ...]] = {"2afc": ("ref", "p0", "p1"), "jnd": ("p0", "p1")}
LABEL_FOLDER: dict[Kind, str] = {"2afc": "judge", "jnd": "same"}
_PREFIXES: dict[str, tuple[Kind, Split]] = {
    "2afc/train": ("2afc", "train"),
    "2afc/val": ("2afc", "val"),
    "jnd/val": ("jnd", "val"),
}
MAX_ITEMS = 1_000_000
"""File names have six digits: 000000 to 999999."""


@dataclass(frozen=True, slots=True)
class SubsetPath:
    """The path of a subset in a dataset, such as 2afc/train/traditional or jnd/val/cnn.

    Attributes:
        kind: "2afc" or "jnd".
        split: "train" or "val".
        name: of ASCII letters, digits, '-' and '_'.
    """

    kind: Kind
    split: Split
    name: str

    @staticmethod
    @lru_cache(maxsize=256)  # called once per item
    def parse(text: str) -> SubsetPath:
        """Parse '2afc/train/NAME', '2afc/val/NAME' or 'jnd/val/NAME'.

        Raises:
            BappsmithError: the path has another form.
        """
        prefix, name = PurePosixPath(text).parent.as_posix(), PurePosixPath(text).name
        if prefix in _PREFIXES and name.replace("-", "").replace("_", "").isalnum() and name.isascii():
            return SubsetPath(*_PREFIXES[prefix], name)
        raise BappsmithError(
            f"subset path '{text}' is not of the form 2afc/train/NAME, 2afc/val/NAME or jnd/val/NAME, "
            "where NAME has only letters, digits, '-' and '_'"
        )

    def __str__(self) -> str:
        return f"{self.kind}/{self.split}/{self.name}"

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the folders of this subset, the label folder last."""
        return (*IMAGE_FOLDERS[self.kind], LABEL_FOLDER[self.kind])

    def files(self, index: int) -> dict[str, str]:
        """Return folder name → path of item `index` below the root of the dataset, with forward slashes."""
        images = {folder: f"{self}/{folder}/{index:06d}.png" for folder in IMAGE_FOLDERS[self.kind]}
        label = LABEL_FOLDER[self.kind]
        return {**images, label: f"{self}/{label}/{index:06d}.npy"}
