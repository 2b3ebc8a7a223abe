"""A subset of a finished dataset: items in any form, rows of the manifest, labellings by name."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .errors import BappsmithError, unknown_name
from .forms.form import Storage, storage
from .forms.item import StoredItem
from .forms.png import decode_png
from .plain_text import printable
from .recipe.model import Recipe
from .schema.call import Chain
from .schema.labelling import Labelling
from .schema.row import Row
from .schema.subset_path import SubsetPath
from .seal import Seal
from .sealed_json import DamagedError
from .store.store import Store
from .subset import Subset
from .table import LABEL_SCHEMA, TableFile, labels_name, manifest_name, manifest_schema


class SealedSubset(Subset):
    """A subset of a finished dataset.

    Args:
        store: of the dataset.
        seal: of the dataset.
        path: of the subset.

    Attributes:
        path: of the subset.
    """

    def __init__(self, store: Store, seal: Seal, path: SubsetPath) -> None:
        self.path, self.name, self.kind = path, str(path), path.kind
        self.root = f"{store.root}/{path}"
        self.labelling = seal.active
        self._store, self._seal = store, seal

    def __len__(self) -> int:
        return self._seal.subsets[self.path]

    def stem(self, index: int) -> str:
        """See `Subset`."""
        return f"{index:06d}"

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the dataset, hex; see `Run.fingerprint`."""
        return self._seal.fingerprint

    @property
    def recipe(self) -> Recipe:
        """The recipe of the dataset."""
        return self._seal.recipe

    @property
    def recipe_name(self) -> str:
        """Name of the recipe of the dataset."""
        return self._seal.recipe.name

    @property
    def patch(self) -> int:
        """Side of its patches, px."""
        return self._seal.recipe.patch

    @cached_property
    def storage(self) -> Storage:
        """The storage of its items."""
        return storage(self._seal.form, self._store, self.path, len(self), self._seal.recipe.patch)

    def images(self, index: int) -> dict[str, NDArray[np.uint8]]:
        """See `Subset`."""
        return self.decode(next(self.storage.read([index])))

    def decode(self, item: StoredItem) -> dict[str, NDArray[np.uint8]]:
        """Decode the images of a stored item.

        Args:
            item: as the storage of this subset gives it.

        Returns:
            Folder (ref, p0, p1; JND: p0, p1) → uint8 H×W×3 RGB.

        Raises:
            BappsmithError: an image is missing or cannot be read.
        """
        if item.pixels:
            return dict(item.pixels)
        missing = [folder for folder in self.folders if folder not in item.images]
        if missing:
            raise BappsmithError(
                f"{self.root}: {missing[0]} of item {item.index} is missing; run `bappsmith verify` to list all"
            )
        side = self._seal.recipe.patch
        return {
            folder: decode_png(item.images[folder], f"{self.root}, {folder} of item {item.index}", side)
            for folder in self.folders
        }

    def labels(self, name: str | None = None) -> Labelling:
        """See `Subset`."""
        if name is None and self._override is not None:
            return self._override
        return self._labels(name or self.labelling)

    def _labels(self, name: str) -> Labelling:
        if name not in self._seal.labellings:
            raise unknown_name(f"labelling of {self._store.root}", name, self._seal.labellings)
        return self._as_labelling(name, self._labelling(name).read())

    def take_labels(self, name: str, indices: Sequence[int]) -> Labelling:
        """Read the judgments of some items, in the order of `indices`. Only the row groups that hold them are read.

        Raises:
            BappsmithError: there is no such labelling, or an index is not in the subset.
        """
        if name not in self._seal.labellings:
            raise unknown_name(f"labelling of {self._store.root}", name, self._seal.labellings)
        rows = self._labelling(name, some=True).take(indices, self.root)
        return self._as_labelling(name, pa.Table.from_pylist(rows, schema=LABEL_SCHEMA))

    def _as_labelling(self, name: str, table: pa.Table) -> Labelling:
        shares = table["judgment"].to_numpy()
        if not ((shares >= 0) & (shares <= 1)).all():
            raise DamagedError(
                f"{self._store.root}/{labels_name(self.path, name)}: a judgment is not in [0, 1]; restore it from a "
                "copy"
            )
        return Labelling(
            name,
            shares,
            table["votes"].to_numpy(),
            tuple(table["judge"].to_pylist()),
            _known(table["preference"]),
            _known(table["probability"]),
            tuple(table["dropped"].to_pylist()),
        )

    def labellings(self) -> tuple[str, ...]:
        """See `Subset`."""
        return self._seal.labellings

    def rows(self) -> Iterator[Row]:
        """See `Subset`. Only some thousand rows are in memory at a time."""
        for columns in self._manifest().iterate():
            yield self._row(columns)

    def row(self, index: int) -> Row:
        """See `Subset`. Only the row group that holds the row is read."""
        return self.take([index])[0]

    def take(self, indices: Sequence[int]) -> list[Row]:
        """Read some rows of the manifest.

        Args:
            indices: positions in the subset, from 0, in any order.

        Returns:
            The rows, in the order of `indices`.

        Raises:
            BappsmithError: an index is not in the subset.
        """
        return [self._row(columns) for columns in self.take_columns(indices)]

    def _row(self, columns: dict[str, Any]) -> Row:
        try:
            return Row.from_columns(self.path, columns)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise self._damaged(manifest_name(self.path), columns["index"], error) from error

    def _damaged(self, table: str, index: object, error: Exception) -> DamagedError:
        return DamagedError(
            f"{self._store.root}/{table} is damaged (row {index}: {printable(str(error), 200)}); restore it from a copy"
        )

    def take_columns(self, indices: Sequence[int], *names: str) -> list[dict[str, Any]]:
        """Read some rows as dictionaries, in the order of `indices`.

        Args:
            indices: positions in the subset, from 0, in any order.
            names: of the columns; none: all of `table.manifest_schema`.
        """
        return self._manifest(some=True).take(indices, self.root, names or None)

    def chains(self, rows: Sequence[dict[str, Any]]) -> list[tuple[Chain, Chain]]:
        """Read the chains of p0 and p1 of rows with the columns index, chain0 and chain1.

        Raises:
            DamagedError: a chain cannot be read.
        """
        return [(self._chain(row, "chain0"), self._chain(row, "chain1")) for row in rows]

    def _chain(self, row: dict[str, Any], column: str) -> Chain:
        try:
            return Chain.from_json(json.loads(row[column]))
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise self._damaged(manifest_name(self.path), row["index"], error) from error

    def take_judgments(self, name: str, indices: Sequence[int]) -> list[dict[str, Any]]:
        """Read some rows of a labelling (columns `LABEL_SCHEMA` but the index), in the order of `indices`."""
        rows = self._labelling(name, some=True).take(indices, self.root)
        return [{key: value for key, value in row.items() if key != "index"} for row in rows]

    def columns(self, *names: str) -> dict[str, list[Any]]:
        """Read whole columns of the manifest: name → values; see `table.manifest_schema`."""
        return self._manifest().read(names).to_pydict()

    def batches(self, *names: str) -> Iterator[pa.RecordBatch]:
        """Read some columns of the manifest, some thousand rows at a time."""
        return self._manifest().batches(names)

    def iterate(self, *names: str) -> Iterator[dict[str, Any]]:
        """Read some columns of the manifest, row by row. Only some thousand rows are in memory at a time."""
        return self._manifest().iterate(names)

    def _manifest(self, *, some: bool = False) -> TableFile:
        return self._open(manifest_name(self.path), manifest_schema(self.path), some)

    def _labelling(self, name: str, *, some: bool = False) -> TableFile:
        return self._open(labels_name(self.path, name), LABEL_SCHEMA, some)

    def _open(self, name: str, schema: pa.Schema, some: bool) -> TableFile:
        try:
            file = TableFile(self._store, name, schema, some=some)
        except FileNotFoundError:
            raise DamagedError(f"{self._store.root}/{name} is missing; restore it from a copy") from None
        if len(file) != len(self):
            raise DamagedError(
                f"{self._store.root}/{name} has {len(file)} rows, {len(self)} were sealed; restore it from a copy"
            )
        return file


def _known(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Return a column with NaN for null; None if all are null."""
    return None if column.null_count == len(column) else column.to_numpy()
