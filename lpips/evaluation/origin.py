"""Read from the manifest of a generated dataset where the items of a subset come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.manifests.errors import BappsmithError

COLUMNS = ("index", "photo", "operators0", "operators1", "severity0", "severity1")


@dataclass(frozen=True)
class Origin:
    """Where items come from, in the order of their subset.

    Attributes:
        photo: number of the photograph, int, shape (N,).
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
    """Read the origin of a subset of a generated dataset; return None if it has no manifest.

    Raises:
        BappsmithError: the manifest lacks items of the subset.
    """
    if subset.sealed is None:
        return None
    columns = subset.sealed.columns(*COLUMNS)
    row_of = {f"{index:06d}": row for row, index in enumerate(columns["index"])}
    missing = [stem for stem in subset.stems if stem not in row_of]
    if missing:
        raise BappsmithError(
            f"{subset.root}: the manifest has no row for {missing[0]}; run `bappsmith verify` to see what was changed"
        )
    rows = [row_of[stem] for stem in subset.stems]
    chains = [[tuple(filter(None, columns[f"operators{k}"][row].split("+"))) for k in (0, 1)] for row in rows]
    severity = np.array([[columns[f"severity{k}"][row] for k in (0, 1)] for row in rows])
    photo = np.unique([columns["photo"][row] for row in rows], return_inverse=True)[1]
    return Origin(photo, [(first, second) for first, second in chains], severity.reshape(-1, 2))
