"""Add a labelling of a finished dataset by a judge. Nothing is rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bappsmith.distortions.random import Draws
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import RECIPE_LABELS
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judges import AnyJudge, ContextJudge, PsychometricJudge
from bappsmith.manifests.relabel import add_labelling
from bappsmith.manifests.schema.labelling import Judgment, Labelling
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.pipeline.judges import judge_pair
from bappsmith.pipeline.planning.plan import stream_key


def judge_dataset(
    root: str | Path, judge: AnyJudge, name: str, progress: Callable[[int, int], None] | None = None
) -> None:
    """Judge all items of the judge's kind, and store the labelling beside the others.

    A judge of 2AFC copies the recipe's judgments of JND subsets, and a judge of JND those of 2AFC subsets. The random
    numbers of a judge are keyed by the dataset's seed, the subset, the name of the labelling and the index.

    Args:
        root: folder or address of a finished dataset.
        judge: as in a recipe.
        name: of the new labelling.
        progress: called with (items done, items in all).

    Raises:
        BappsmithError: the dataset is not finished, the name is in use or invalid, a ranking lacks an operator, or no
            subset is of the judge's kind.
    """
    dataset = Dataset(root)
    kind = "jnd" if isinstance(judge, PsychometricJudge) else "2afc"
    if not any(path.kind == kind for path in dataset.finished.subsets):
        raise BappsmithError(f"{root} has no {kind} subset; judge '{judge.kind}' needs one, use another judge")
    total, done = sum(dataset.finished.subsets.values()), 0
    labellings = {}
    for subset in dataset.subsets():
        if subset.kind != kind:
            labellings[subset.path] = subset.labels(RECIPE_LABELS)
        else:
            labellings[subset.path] = _judged(subset, judge, name, dataset.finished.recipe.seed)
        done += len(subset)
        if progress:
            progress(done, total)
    add_labelling(dataset, name, labellings)


def _judged(subset: SealedSubset, judge: AnyJudge, name: str, seed: int) -> Labelling:
    key = stream_key(seed, f"{subset.path}/{name}")
    judgments: list[Judgment] = []
    for index, chain0, chain1 in subset.chains():
        if isinstance(judge, ContextJudge):
            missing = sorted({*chain0.names, *chain1.names} - set(judge.ranking))
            if missing:
                raise BappsmithError(
                    f"{subset.root}: the ranking lacks {', '.join(missing)}, which was drawn; add them to the ranking"
                )
        judgments.append(judge_pair(judge, chain0, chain1, Draws(key, index)))
    rows = [judgment.to_row() for judgment in judgments]
    return Labelling(
        name,
        np.array([row["judgment"] for row in rows], np.float64),
        np.array([row["votes"] for row in rows], np.int32),
        tuple(row["judge"] for row in rows),
    )
