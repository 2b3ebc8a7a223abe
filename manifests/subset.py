"""One subset of a dataset: the interface that every form shares."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import BappsmithError
from .schema.labelling import Labelling, own_labelling
from .schema.row import Row
from .schema.subset_path import IMAGE_FOLDERS, Kind


@dataclass(frozen=True)
class Item:
    """One triplet or JND pair with its judgment.

    Attributes:
        stem: file name without suffix.
        images: folder (ref, p0, p1; JND: p0, p1) → uint8 H×W×3 RGB.
        judgment: share of votes, in [0, 1]: for p1 (2AFC), for "the same" (JND).
    """

    stem: str
    images: dict[str, NDArray[np.uint8]]
    judgment: float


class Items(Sequence[Item]):
    """Items by position, from 0; negative positions count from the end, and a slice gives a list.

    Attributes:
        name: path of the subset, such as 2afc/train/traditional.
    """

    name: str

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(f"{self.name} has {len(self)} items, asked for item {index}")
        return self._item(position)

    @abstractmethod
    def _item(self, position: int) -> Item:
        """Return one item; `position` is in [0, length)."""


class Subset(Items):
    """One subset: a sequence of items.

    Attributes:
        root: folder or address of the subset.
        name: path in the dataset, such as 2afc/train/traditional.
        kind: "2afc" or "jnd".
        labelling: name of the labelling that gives the judgments of items.
    """

    root: str
    name: str
    kind: Kind
    labelling: str
    _override: Labelling | None = None
    """Judgments in place of the stored ones; see `judged`."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the images of an item: ref, p0, p1; JND: p0, p1."""
        return IMAGE_FOLDERS[self.kind]

    def _item(self, position: int) -> Item:
        return Item(self.stem(position), self.images(position), float(self.labels().shares[position]))

    @abstractmethod
    def stem(self, index: int) -> str:
        """Return the file name of an item, without suffix."""

    @abstractmethod
    def images(self, index: int) -> dict[str, NDArray[np.uint8]]:
        """Decode the images of an item.

        Args:
            index: position in the subset, from 0.

        Returns:
            Folder (ref, p0, p1; JND: p0, p1) → uint8 H×W×3 RGB.

        Raises:
            BappsmithError: an image is missing or cannot be read.
        """

    @abstractmethod
    def labels(self, name: str | None = None) -> Labelling:
        """Read the judgments of all items.

        Args:
            name: name of a labelling; None: that of this subset, see `labelling`.

        Raises:
            BappsmithError: the subset has no such labelling.
        """

    @abstractmethod
    def labellings(self) -> tuple[str, ...]:
        """Return the names of all labellings, sorted."""

    def judged(self, labelling: str | Labelling | ArrayLike) -> Self:
        """Return the same items with other judgments.

        Args:
            labelling: name of a stored labelling, or your own judgments: a `Labelling`, or one share of votes per
                item, in [0, 1].

        Raises:
            BappsmithError: the subset has no such labelling, the number of judgments differs from that of items, or
                one is not in [0, 1].
        """
        given = self.labels(labelling) if isinstance(labelling, str) else labelling
        judgments = own_labelling(given, len(self), self.root)
        relabelled = copy.copy(self)
        relabelled.labelling, relabelled._override = judgments.name, judgments
        return relabelled

    def rows(self) -> Iterator[Row]:
        """Read the manifest, one row per item, in order.

        Raises:
            BappsmithError: the subset has no manifest, because bappsmith did not make it.
        """
        raise self._no_manifest()

    def row(self, index: int) -> Row:
        """Read the row of one item.

        Args:
            index: position in the subset, from 0.

        Raises:
            BappsmithError: as `rows` does.
        """
        raise self._no_manifest()

    def _no_manifest(self) -> BappsmithError:
        return BappsmithError(f"{self.root} has no manifest; only datasets that bappsmith made say how items were made")
