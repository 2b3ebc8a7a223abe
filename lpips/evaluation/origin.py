"""What a generated dataset says of itself: of a subset as a whole, and of its items."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.seal import SEAL
from bappsmith.manifests.store.open import open_store

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
    """The origin of a subset of a generated dataset; None where no manifest tells of it.

    Raises:
        BappsmithError: there is a manifest, but it does not tell of every item.
    """
    parts = subset.root.resolve().parts
    if len(parts) < 4 or parts[-3] not in ("2afc", "jnd"):
        return None
    dataset, name = subset.root.resolve().parents[2], "/".join(parts[-3:])
    if not open_store(dataset).exists(SEAL):
        return None
    columns = Dataset(dataset).sealed(name).columns(*COLUMNS)
    place = {f"{index:06d}": row for row, index in enumerate(columns["index"])}
    missing = [stem for stem in subset.stems if stem not in place]
    if missing:
        raise BappsmithError(
            f"{dataset}: the manifest of {name} lacks {missing[0]}; bappsmith verify says what was changed"
        )
    rows = [place[stem] for stem in subset.stems]
    chains = [[tuple(filter(None, columns[f"operators{k}"][row].split("+"))) for k in (0, 1)] for row in rows]
    severity = np.array([[columns[f"severity{k}"][row] for k in (0, 1)] for row in rows])
    photo = np.unique([columns["photo"][row] for row in rows], return_inverse=True)[1]
    return Origin(photo, [(first, second) for first, second in chains], severity.reshape(-1, 2))


def provenance(subset: PackedSubset, weight: float | None = None) -> dict[str, Any]:
    """A subset as a checkpoint's facts tell of it: with recipe and fingerprint where it is of a sealed dataset."""
    parents = subset.root.resolve().parents
    seal = parents[2] / "seal.json" if len(parents) > 2 else subset.root / "seal.json"
    sealed = json.loads(seal.read_bytes()) if seal.is_file() else {}
    recipe = {"recipe": sealed["recipe"]["name"], "fingerprint": sealed["fingerprint"]} if sealed else {}
    weighed = {} if weight is None else {"weight": weight}
    reduced = {"reduction": subset.reduction} if subset.enlarged else {}
    return {"subset": subset.name, "content": subset.content, **weighed, **reduced, **recipe}
