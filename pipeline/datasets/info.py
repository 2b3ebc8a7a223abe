"""What a dataset is, in figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.schema.subset_path import SubsetPath


def info(dataset: str | Path) -> dict[str, Any]:
    """Facts of a sealed dataset, as plain data.

    Returns:
        name, form, fingerprint, license, versions, parents (name and fingerprint each), photographs (number), and subsets:
        path → items, photographs (number used), judgment (mean), operators (name → times used).

    Raises:
        BappsmithError: the dataset is not sealed.
    """
    ledger = Ledger(dataset)
    seal, run = ledger.seal_data(), ledger.run()
    subsets = {}
    for text, count in seal["subsets"].items():
        columns = ledger.columns(SubsetPath.parse(text), ["photo", "operators0", "operators1", "judgment"])
        used = Counter(
            name
            for side in ("operators0", "operators1")
            for chain in columns[side]
            for name in filter(None, chain.split("+"))
        )
        subsets[text] = {
            "items": count,
            "photographs": len(set(columns["photo"])),
            "judgment": sum(columns["judgment"]) / count,
            "operators": dict(used.most_common()),
        }
    return {
        "name": run.recipe.name,
        "form": run.form,
        "fingerprint": seal["fingerprint"],
        "license": run.recipe.sources.license,
        "versions": run.versions,
        "parents": [{"name": one["recipe"]["name"], "fingerprint": one["fingerprint"]} for one in run.parents],
        "photographs": len(run.photographs),
        "subsets": subsets,
    }
