"""What a metric was trained on, as its checkpoint says, and whether it is scored on the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.model.checkpoint import read_facts

from .evaluation import Evaluation


def provenance(subset: PackedSubset, weight: float | None = None) -> dict[str, Any]:
    """A subset as a checkpoint's facts describe it: with recipe and fingerprint where it is of a finished dataset."""
    weighed = {} if weight is None else {"weight": weight}
    reduced = {"reduction": subset.reduction} if subset.enlarged else {}
    return {"subset": subset.name, "content": subset.content, **weighed, **reduced, **_sealed(subset)}


def notes_on_training(evaluation: Evaluation, name: str, checkpoint: str | Path) -> list[str]:
    """What must be said of a trained metric that saw the very data it is scored on."""
    facts = read_facts(checkpoint)
    trained, validated = ({one["content"] for one in facts.get(key, ())} for key in ("data", "val"))
    notes = []
    for subset_name, subset in evaluation.subsets.items():
        if subset.content in trained:
            notes.append(f"{name} was trained on {subset_name}")
        if subset.content in validated:
            notes.append(
                f"{name} was validated on {subset_name}: if it is the best epoch, that was chosen by these items"
            )
    return notes


def _sealed(subset: PackedSubset) -> dict[str, str]:
    sealed = subset.sealed
    if sealed is None:
        return {}
    return {"recipe": sealed.recipe_name, "fingerprint": sealed.fingerprint, "labels": sealed.labelling}
