"""Describe a dataset in figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from bappsmith.manifests.dataset import Dataset


def info(root: str | Path) -> dict[str, Any]:
    """Return the facts of a finished dataset, as plain data.

    Args:
        root: folder or address of the dataset.

    Returns:
        name, form, fingerprint, license, versions, parents (name and fingerprint each), photographs (number),
        labellings (active, names), and subsets: path → items, photographs (number used), judgment (mean of the active
        labelling), operators (name → times used).

    Raises:
        BappsmithError: the dataset is not finished.
    """
    dataset = Dataset(root)
    seal, run = dataset.finished, dataset.run
    subsets = {}
    for subset in dataset.subsets():
        photographs: set[str] = set()
        operators: Counter[str] = Counter()
        for row in subset.iterate("photo", "operators0", "operators1"):
            photographs.add(row["photo"])
            operators.update(name for side in (0, 1) for name in row[f"operators{side}"].split("+") if name)
        subsets[subset.name] = {
            "items": len(subset),
            "photographs": len(photographs),
            "judgment": float(subset.labels().shares.mean()),
            "operators": dict(operators.most_common()),
        }
    return {
        "name": run.recipe.name,
        "form": run.form,
        "fingerprint": seal.fingerprint,
        "license": run.recipe.sources.license,
        "versions": run.versions,
        "parents": [{"name": parent["recipe"]["name"], "fingerprint": parent["fingerprint"]} for parent in run.parents],
        "photographs": len(run.photographs),
        "labellings": {"active": seal.active, "names": list(seal.labellings)},
        "subsets": subsets,
    }
