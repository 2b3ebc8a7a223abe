"""Rankings of the six types of Pihlgren, Sandin and Liwicki 2023, from least to most disruptive: 720 exist."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.subset import Subset
from bappsmith.pipeline.datasets.judge import judge_subset

TYPES = ("translate", "darken", "zoom", "color", "rotate", "blur")
"""The types, named as in the paper. The operators are these with the prefix context_."""
PREFIX = "context_"

Ranking = tuple[str, ...]


def draw_rankings(count: int, seed: int) -> list[Ranking]:
    """Draw different rankings. A larger count begins with the same ones.

    Raises:
        BappsmithError: more are asked for than exist.
    """
    rng = np.random.default_rng(seed)
    drawn: dict[Ranking, None] = {}
    if not 0 <= count <= 720:
        raise BappsmithError(f"--rankings must be in [0, 720], because 720 rankings exist; found {count}")
    while len(drawn) < count:
        drawn[tuple(TYPES[k] for k in rng.permutation(len(TYPES)))] = None
    return list(drawn)


def parse_ranking(text: str) -> Ranking:
    """Read a ranking such as blur,zoom,color,rotate,darken,translate.

    Raises:
        BappsmithError: a type is missing, unknown or named twice.
    """
    ranking = tuple(part.strip().removeprefix(PREFIX) for part in text.split(","))
    for what, names in (
        ("lacks", sorted(set(TYPES) - set(ranking))),
        ("has the unknown type", sorted(set(ranking) - set(TYPES))),
        ("repeats", sorted({name for name in ranking if ranking.count(name) > 1})),
    ):
        if names:
            raise BappsmithError(
                f"ranking {text} {what} {', '.join(names)}; name {', '.join(TYPES)} once each, mildest first"
            )
    return ranking


def name_of(ranking: Ranking) -> str:
    """Return the name of a ranking, which is also that of its labelling and its files."""
    return "-".join(ranking)


def judge_by(subset: Subset, ranking: Sequence[str]) -> Labelling:
    """Judge a subset by a ranking, from its manifest. Nothing is rendered and nothing is stored.

    Raises:
        BappsmithError: the subset has no manifest, or the ranking lacks a type that it holds.
    """
    spec = JudgeSpec.model_validate({"kind": "context", "ranking": [f"{PREFIX}{name}" for name in ranking]})
    return judge_subset(subset, spec, name_of(tuple(ranking)))
