"""The dataset card: README.md of a generated dataset."""

from __future__ import annotations

from collections.abc import Sequence

from ..manifests.judges import ContextJudge, PsychometricJudge
from ..manifests.recipe import Subset
from ..manifests.run import Run
from .plan import usable_split


def dataset_card(run: Run, skipped: Sequence[str] = ()) -> str:
    """Markdown that says what the dataset holds, how it was made, that no human judged it, and how to cite and rebuild it.

    Args:
        run: what it was made from.
        skipped: why photographs were passed over.
    """
    recipe = run.recipe
    rows = "\n".join(
        f"| {s.path} | {s.count:,} {'pairs' if s.where.kind == 'jnd' else 'triplets'} | {s.pairing} | {_judged(s)} | {_drawn(s)} |"
        for s in recipe.subsets
    )
    passed_over = "".join(f"\n- {reason}" for reason in skipped)
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    plugins = "".join(f" --plugin {name}" for name in sorted(run.plugins))
    return f"""# {recipe.name}

A perceptual-similarity dataset in the BAPPS format, made with bappsmith. **No human judged it: the
judgments are synthetic**, by the rules named below. {recipe.context}

| subset | size | pairing | judged by | operators |
|---|---|---|---|---|
{rows}

- Patches: {recipe.patch}×{recipe.patch} px, RGB, cut from crops of {recipe.scale[0]:g} to {recipe.scale[1]:g} times that
  side; a crop whose luma has a standard deviation below {recipe.flat.below:g} levels is passed over
  ({recipe.flat.candidates} candidates a triplet).
- Photographs: {len(run.photographs)}, listed in `sources.json`{_divided(run)}. Their license: {recipe.sources.license}.
- `judge/NNNNNN.npy`: share of votes for p1. `same/NNNNNN.npy`: share of votes for "the same".
- `manifest/*.parquet`: for every item its photograph, crop, operators with all parameters, and hashes;
  `croissant.json` describes all of it for machines (MLCommons Croissant).
- Versions: {versions}.
{"Photographs passed over because they could not be read:" + passed_over if skipped else ""}
## Rebuild

{_rebuild(run, plugins)}

## Cite

{recipe.name}, made with bappsmith {run.versions["bappsmith"]}, fingerprint {run.fingerprint()}. Format and protocol: Zhang,
Isola, Efros, Shechtman, Wang, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018.
"""


def _rebuild(run: Run, plugins: str) -> str:
    if run.parents:
        names = ", ".join(f"{one['recipe']['name']} ({one['fingerprint'][:12]})" for one in run.parents)
        return (
            f"It is made of items of {names}; the column `origin` says which. Any item is made again from the photographs by "
            "`bappsmith replay`."
        )
    return (
        f"`bappsmith generate recipe.yaml --photos FOLDER --out DATASET{plugins}` makes the same bytes again with these "
        "versions on the same kind of processor; `bappsmith replay` makes any single item, and says which version differs "
        "when pixels do."
    )


def _divided(run: Run) -> str:
    if run.parents:
        return ""
    split = usable_split(run.recipe, run.photographs)
    used = {subset.where.split: split[subset.where.split] for subset in run.recipe.subsets}
    small = len(run.photographs) - len({photo.name for side in split.values() for photo in side})
    divided = ", ".join(f"{len(used[side])} for {side}" for side in sorted(used))
    return f": {divided}{'; none in both' if len(used) == 2 else ''}{f'; {small} too small for a patch' if small else ''}"


def _drawn(subset: Subset) -> str:
    names = subset.distort.operators or subset.distort.families
    return ", ".join(names)


def _judged(subset: Subset) -> str:
    judge = subset.judged_by
    if isinstance(judge, ContextJudge):
        return "ranking " + " < ".join(judge.ranking)
    if isinstance(judge, PsychometricJudge):
        return f"{judge.votes} votes, P(same) = 1/(1+exp({judge.slope:g}·(severity − {judge.midpoint:g})))"
    return "smaller total severity is closer"
