"""A subset that bappsmith did not make, such as the distributed BAPPS: files alone, without a manifest."""

from __future__ import annotations

import copy
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import BappsmithError, unknown_name
from .forms.bapps import SubsetFolder, read_subset
from .forms.file import read_file
from .forms.image import LARGEST_FILE, decode_image
from .schema.labelling import Labelling
from .subset import Subset

FILES = "files"
"""Name of the labelling in `judge/` or `same/`."""


class PlainSubset(Subset):
    """A BAPPS subset folder, ours or another's, as its files are.

    Args:
        root: a folder with ref, p0, p1 and judge, or with p0, p1 and same; or one of shards of these.

    Raises:
        BappsmithError: it is no such folder, or files do not match by stem.
    """

    def __init__(self, root: Path | str) -> None:
        self._files: SubsetFolder = read_subset(root)
        self.root = str(root)
        self.name = "/".join(Path(root).resolve().parts[-3:])
        self.kind = self._files.kind
        self.labelling = FILES
        self._own: Labelling | None = None

    def __len__(self) -> int:
        return len(self._files)

    def stem(self, index: int) -> str:
        """See `Subset`."""
        return self._files.items[index].stem

    def images(self, index: int) -> dict[str, NDArray[np.uint8]]:
        """See `Subset`."""
        files = self._files.items[index].images
        return {folder: decode_image(read_file(file, LARGEST_FILE), str(file)) for folder, file in files.items()}

    def labels(self, name: str | None = None) -> Labelling:
        """See `Subset`."""
        if name not in (None, self.labelling, FILES):
            raise unknown_name(f"labelling of {self.root}", name, {self.labelling, FILES})
        return self._labels if self._own is None or name == FILES else self._own

    @cached_property
    def _labels(self) -> Labelling:
        shares = self._files.labels().astype(np.float64)
        return Labelling(FILES, shares, np.zeros(len(shares), np.int32), ("{}",) * len(shares))

    def labellings(self) -> tuple[str, ...]:
        """See `Subset`."""
        return (FILES,)

    def judged(self, labelling: str | Labelling) -> PlainSubset:
        """See `Subset`."""
        own = self.labels(labelling) if isinstance(labelling, str) else labelling
        if len(own) != len(self):
            raise BappsmithError(f"{self.root} holds {len(self)} items, labelling '{own.name}' {len(own)} judgments")
        other = copy.copy(self)
        other.labelling, other._own = own.name, own
        return other
