"""What the manifest of a generated dataset says of the items of a subset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import manifest_name

COLUMNS = ("index", "photo", "operators0", "operators1", "severity0", "severity1")


@dataclass(frozen=True)
class Origin:
    """Where items come from, in the order of their subset.

    Attributes:
        photo: number of the photograph, shape (N,).
        operators: names of the operators of p0's chain and of p1's, N pairs.
        severity: total severity of each chain, float64 (N, 2).
    """

    photo: NDArray[np.intp]
    operators: list[tuple[tuple[str, ...], tuple[str, ...]]]
    severity: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """Difference of the two total severities, shape (N,); for JND the severity of p1."""
        return np.abs(self.severity[:, 1] - self.severity[:, 0])


def read_origin(subset: PackedSubset) -> Origin | None:
    """The origin of a subset of a generated dataset; None where there is no manifest of it.

    Raises:
        BappsmithError: there is a manifest, but items of the subset are missing in it.
    """
    dataset = dataset_of(subset.root)
    if dataset is None:
        return None
    ledger, where = dataset
    if not ledger.store.exists(manifest_name(where)):
        return None
    columns = ledger.columns(where, COLUMNS)
    row_of = {f"{index:06d}": row for row, index in enumerate(columns["index"])}
    missing = [stem for stem in subset.stems if stem not in row_of]
    if missing:
        raise BappsmithError(
            f"{ledger.root}/{manifest_name(where)} has no row for {missing[0]}; bappsmith verify says what was changed"
        )
    rows = [row_of[stem] for stem in subset.stems]
    chains = [[tuple(filter(None, columns[f"operators{k}"][row].split("+"))) for k in (0, 1)] for row in rows]
    severity = np.array([[columns[f"severity{k}"][row] for k in (0, 1)] for row in rows])
    photo = np.unique([columns["photo"][row] for row in rows], return_inverse=True)[1]
    return Origin(photo, [(first, second) for first, second in chains], severity.reshape(-1, 2))


def dataset_of(root: Path) -> tuple[Ledger, SubsetPath] | None:
    """The dataset that a folder can be a subset of, by its name; None where bappsmith gives no subset such a name."""
    root = root.resolve()
    if len(root.parts) < 4:
        return None
    try:
        where = SubsetPath.parse("/".join(root.parts[-3:]))
    except BappsmithError:
        return None  # a subset of somebody else's, such as 2afc/test/x
    return Ledger(root.parents[2]), where
