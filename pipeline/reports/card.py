"""Write the dataset card: README.md of a dataset."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from bappsmith.distortions.registry import operators
from bappsmith.manifests.markdown import code_span, inline, prose
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.run import Run
from bappsmith.pipeline.judging.registry import judges
from bappsmith.pipeline.planning.plan import usable_split
from bappsmith.pipeline.planning.provenance import JUDGE
from bappsmith.pipeline.planning.terms import drawable, patterns_of

from .front_matter import with_front_matter


def dataset_card(run: Run, skipped: Sequence[str] = ()) -> str:
    """Return the card as Markdown: content, origin, judgments (no human judged), how to rebuild and how to cite.

    Names, licence and context come from outside. They appear as text, never as markup.

    Args:
        run: what the dataset was made from.
        skipped: for each skipped photograph, the reason.
    """
    recipe = run.recipe
    skipped_list = "".join(f"\n- {inline(reason)}" for reason in skipped)
    versions = inline(", ".join(f"{name} {version}" for name, version in run.versions.items()))
    plugins = "".join(f" --plugin {name.removeprefix(JUDGE)}" for name in sorted(run.plugins))
    body = f"""# {inline(recipe.name)}

A perceptual-similarity dataset in the BAPPS format, made with bappsmith. **No human judged it: the
judgments are synthetic**, by the rules named below. {prose(recipe.context)}

{_made_of(run) if run.parents else _rules(recipe)}
- Photographs: {len(run.photographs)}, listed in `sources.json`{_divided(run)}.
  Their license: {prose(recipe.sources.license)}.
- `judge/NNNNNN.npy`: share of votes for p1. `same/NNNNNN.npy`: share of votes for "the same".
- `manifest/*.parquet`: for every item its photograph, crop, operators with all parameters, and hashes;
  `croissant.json` describes all of it for machines (MLCommons Croissant).
- Versions: {versions}.
{"Photographs that were skipped because they could not be read:" + skipped_list if skipped else ""}
## Rebuild

{_rebuild(run, plugins)}

## Cite

{inline(recipe.name)}, made with bappsmith {inline(run.versions["bappsmith"])}, fingerprint {run.fingerprint()}.
Format and protocol: Zhang, Isola, Efros, Shechtman, Wang, "The Unreasonable Effectiveness of Deep Features as a
Perceptual Metric", CVPR 2018.
"""
    return with_front_matter(body, run)


def _rules(recipe: Recipe) -> str:
    """Return a table of the subsets and their rules."""
    rows = "\n".join(f"| {s.path} | {_size(s)} | {s.pairing} | {_judged(s)} | {_drawn(s)} |" for s in recipe.subsets)
    return f"""| subset | size | pairing | judged by | operators |
|---|---|---|---|---|
{rows}

- Patches: {recipe.patch}×{recipe.patch} px, RGB, cut from crops of {recipe.scale[0]:g} to {recipe.scale[1]:g} times
  that side; a crop whose luma has a standard deviation below {recipe.flat.below:g} levels is passed over
  ({recipe.flat.candidates} candidates a triplet).
- Operators: {_operators(recipe)}."""


def _made_of(run: Run) -> str:
    """Return the sizes, and the rules of every dataset that items were made in first."""
    rows = "\n".join(f"| {s.path} | {_size(s)} |" for s in run.recipe.subsets)
    recipes = [Recipe.from_dict(parent["recipe"]) for parent in run.parents]
    parents = "\n\n".join(
        f"{inline(recipe.name)}, fingerprint {inline(parent['fingerprint'][:12])}, with the sizes it had:"
        f"\n\n{_rules(recipe)}"
        for parent, recipe in zip(run.parents, recipes, strict=True)
    )
    return f"| subset | size |\n|---|---|\n{rows}\n\nItems were taken from\n\n{parents}\n\nTogether:\n"


def _size(subset: SubsetRecipe) -> str:
    return f"{subset.count:,} {'pairs' if subset.where.kind == 'jnd' else 'triplets'}"


def _rebuild(run: Run, plugins: str) -> str:
    if run.parents:
        return (
            "The recipes of the datasets it was made of are in `parents/`; the column `origin` says which item of "
            "which. Any item is made again from the photographs by `bappsmith replay`."
        )
    return (
        f"{code_span(f'bappsmith generate recipe.yaml --photos FOLDER --out DATASET{plugins}')} makes the same bytes "
        "again with these versions on the same kind of processor; `bappsmith replay` makes any single item, and says "
        "which version differs when pixels do."
    )


def _divided(run: Run) -> str:
    if run.parents:
        return ""
    split = usable_split(run.recipe, run.photographs)
    used = {subset.where.split: split[subset.where.split] for subset in run.recipe.subsets}
    small = len(run.photographs) - len({photo.name for side in split.values() for photo in side})
    in_sequences = run.recipe.sources.sequences == "numbered"
    left_out = "too small for a patch, or in no sequence of frames" if in_sequences else "too small for a patch"
    divided = ", ".join(f"{len(used[side])} for {side}" for side in sorted(used))
    return f": {divided}{'; none in both' if len(used) == 2 else ''}{f'; {small} {left_out}' if small else ''}"


def _operators(recipe: Recipe) -> str:
    """Return the names of all operators that could be drawn, by family: later versions may add to a family."""
    named = {name for subset in recipe.subsets for name in drawable(subset.distort)}
    families: dict[str, list[str]] = {}
    for name in sorted(named):
        # An operator of a plugin may be missing here when datasets are merged.
        families.setdefault(operators()[name].family if name in operators() else "custom", []).append(name)
    return inline("; ".join(f"{family} ({', '.join(names)})" for family, names in families.items()))


def _drawn(subset: SubsetRecipe) -> str:
    """Return the operators of each position. The list below the table has the names of long ones."""
    patterns = [
        [", ".join(s) if len(s) <= 8 else f"{len(s)} operators" for s in p] for p in patterns_of(subset.distort)
    ]
    return inline("; ".join(" → ".join(slots) for slots in patterns))


def _judged(subset: SubsetRecipe) -> str:
    """Return the judge, its settings, and the first sentence of what it says of itself."""
    judge = subset.judge
    if judge is None:  # a finished dataset seals its judges
        return "the default judge"
    known = judges().get(judge.kind)  # that of a plugin may be missing here when datasets are merged
    sentence = f" ({inspect.cleandoc(known.__doc__ or '').split('. ')[0].rstrip('.')})" if known else ""
    settings = ", ".join(f"{key} {_setting(value)}" for key, value in judge.settings.items())
    return inline(" ".join(f"{judge.kind}{sentence}{': ' * bool(settings)}{settings}".split()))


def _setting(value: object) -> str:
    return " < ".join(map(str, value)) if isinstance(value, list) else str(value)
