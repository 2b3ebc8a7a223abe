"""Say what a metric was trained on, and whether it is scored on the same data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.model.checkpoint import read_facts

from .evaluation import Evaluation


def provenance(subset: PackedSubset, weight: float | None = None, lapse: float | None = None) -> dict[str, Any]:
    """Describe a subset for the facts of a checkpoint.

    Args:
        subset: the subset.
        weight: its weight in training; None for validation.
        lapse: assumed share of random votes in training; None for validation.

    Returns:
        JSON values: name, hash of the content, hash of votes and weights of items, and recipe and fingerprint if it
        belongs to a finished dataset.
    """
    use = {key: value for key, value in (("weight", weight), ("lapse", lapse)) if value is not None}
    reduction = {"reduction": subset.reduction} if subset.enlarged else {}
    return {
        "subset": subset.name,
        "content": subset.content,
        "counting": subset.counting,
        **use,
        **reduction,
        **_sealed(subset),
    }


def notes_on_training(evaluation: Evaluation, name: str, checkpoint: str | Path) -> list[str]:
    """Write notes about a trained metric that is scored on data it was trained or validated on."""
    facts = read_facts(checkpoint)
    trained, validated = ({one["content"] for one in facts.get(key, ())} for key in ("data", "val"))
    notes = []
    for subset_name, subset in evaluation.subsets.items():
        if subset.content in trained:
            notes.append(f"{name} was trained on {subset_name}")
        if subset.content in validated:
            notes.append(f"{name} was validated on {subset_name}: its best epoch was chosen with these items")
    return notes


def _sealed(subset: PackedSubset) -> dict[str, str]:
    sealed = subset.sealed
    if sealed is None:
        return {}
    return {"recipe": sealed.recipe_name, "fingerprint": sealed.fingerprint, "labels": sealed.labelling}
