"""The dataset card: README.md of a generated dataset."""

from __future__ import annotations

from ..manifests.judges import ContextJudge, PsychometricJudge
from ..manifests.recipe import Subset
from ..manifests.run import Run
from .plan import usable_split
from .sources import SourceIndex


def dataset_card(run: Run, sources: SourceIndex) -> str:
    """Markdown that says what the dataset holds, how it was made, and that no human judged it."""
    recipe = run.recipe
    split = usable_split(recipe, run.photographs)
    used = {subset.where.split: split[subset.where.split] for subset in recipe.subsets}
    small = len(run.photographs) - len({photo.name for side in split.values() for photo in side})
    divided = ", ".join(f"{len(used[side])} for {side}" for side in sorted(used))
    rows = "\n".join(
        f"| {s.path} | {s.count:,} {'pairs' if s.where.kind == 'jnd' else 'triplets'} | {s.pairing} | {_judged(s)} |"
        for s in recipe.subsets
    )
    skipped = "".join(f"\n- {reason}" for _, reason in sources.skipped)
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    return f"""# {recipe.name}

A perceptual-similarity dataset in the BAPPS format, made with bappsmith. **No human judged it: the
judgments are synthetic**, by the rules named below. {recipe.context}

| subset | size | pairing | judged by |
|---|---|---|---|
{rows}

- Patches: {recipe.patch}×{recipe.patch} px, RGB, cut from crops of {recipe.scale[0]:g} to {recipe.scale[1]:g} times that
  side; a crop whose luma has a standard deviation below {recipe.flat.below:g} levels is passed over
  ({recipe.flat.candidates} candidates a triplet).
- Photographs: {len(run.photographs)}, listed in `sources.json`: {divided}{"; none in both" if len(used) == 2 else ""}{f"; {small} too small for a patch" if small else ""}.
- `judge/NNNNNN.npy`: share of votes for p1. `same/NNNNNN.npy`: share of votes for "the same".
- `manifest/*.parquet`: for every item its photograph, crop, operators with all parameters, and hashes.
- Made again, byte for byte, from `recipe.yaml` and the photographs, with {versions}.
{"Photographs passed over because they could not be read:" + skipped if skipped else ""}
"""


def _judged(subset: Subset) -> str:
    judge = subset.judged_by
    if isinstance(judge, ContextJudge):
        return "ranking " + " < ".join(judge.ranking)
    if isinstance(judge, PsychometricJudge):
        return f"{judge.votes} votes, P(same) = 1/(1+exp({judge.slope:g}·(severity − {judge.midpoint:g})))"
    return "smaller total severity is closer"
