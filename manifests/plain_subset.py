"""A subset that bappsmith did not make, such as the distributed BAPPS: files without a manifest."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import unknown_name
from .forms.bapps import SubsetFolder, read_subset
from .forms.file import read_file
from .forms.image import LARGEST_FILE, decode_image
from .schema.labelling import Labelling
from .subset import Subset

FILES = "files"
"""Name of the labelling that the files in `judge/` or `same/` hold."""


class PlainSubset(Subset):
    """A BAPPS subset folder, read from its files alone.

    Args:
        root: a folder with ref, p0, p1 and judge, or with p0, p1 and same; or a folder with shards of these.

    Raises:
        BappsmithError: the folder is not a BAPPS subset, or its files do not match by stem.
    """

    def __init__(self, root: Path | str) -> None:
        self._files: SubsetFolder = read_subset(root)
        self.root = str(root)
        self.name = "/".join(Path(root).resolve().parts[-3:])
        self.kind = self._files.kind
        self.labelling = FILES

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
        return self._labels if self._override is None or name == FILES else self._override

    @cached_property
    def _labels(self) -> Labelling:
        shares = self._files.labels().astype(np.float64)
        return Labelling(FILES, shares, np.zeros(len(shares), np.int32), ("{}",) * len(shares))

    def labellings(self) -> tuple[str, ...]:
        """See `Subset`."""
        return (FILES,)
