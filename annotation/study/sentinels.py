"""Questions whose right answer is known by construction: sentinels and training, made from the study's own pictures.

The reference of an item is distorted by one registered operator. A question holds the drawn parameters, so that its
pictures are the same whenever they are made.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.compose import apply_chain
from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operator
from bappsmith.manifests.schema.call import Chain, OperatorCall

from .source import UNRELATED, QuestionSource
from .task import PICTURES, Task

NOISE = "gaussian_white_noise"
VERY_NOISY = 80.0
"""Standard deviation of the noise of sentinels, levels of 255. Chosen here: twice the operator's severe end. Every
patch is recognised as noisy at a glance; Zhang et al. 2018 say "very noisy" and give no figure."""
MODERATE = ("gaussian_blur", "jpeg", "contrast", "pixelate")
"""Operators of moderately hard training questions."""
MILD, SEVERE = 0.15, 0.85
"""Severities of such a question: very different, so that the right answer is beyond doubt. Chosen here."""

SENTINELS: dict[Task, Callable[[int], list[str]]] = {
    "2afc": lambda count: ["noisy"] * count,
    "jnd": lambda count: ["identical"] * (count - round(count / 5)) + ["noisy"] * round(count / 5),
    "similar": lambda count: ["identical"] * (count - count // 2) + ["unrelated"] * (count // 2),
}
"""Task → kinds of the sentinels of a session, by their number. JND: 32 identical and 8 noisy of 40 (Zhang et al.)."""
TRAINING: dict[Task, tuple[str, ...]] = {
    "2afc": ("noisy", "moderate"),
    "jnd": ("noisy", "identical", "moderate", "identical"),
    "similar": ("identical", "unrelated"),
}
"""Task → kinds of training questions, in turn."""


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """A question that is made from one picture of an item.

    Attributes:
        subset: of the item.
        index: of the item in its subset.
        chains: name of a picture (`task.PICTURES`) → what is done to the item's first picture (its reference); empty:
            the pictures are shown as they are.
        expected: the right answer, as it is stored.
    """

    subset: str
    index: int
    chains: dict[str, Chain]
    expected: str

    def to_json(self) -> str:
        """Return JSON text, without the right answer."""
        return json.dumps([self.subset, self.index, {name: chain.to_json() for name, chain in self.chains.items()}])

    @classmethod
    def from_json(cls, text: str, expected: str) -> MadeQuestion:
        """Build the question that `to_json` described."""
        subset, index, chains = json.loads(text)
        return cls(subset, index, {name: Chain.from_json(chain) for name, chain in chains.items()}, expected)


def make_question(task: Task, kind: str, subset: str, index: int, draws: Draws) -> MadeQuestion:
    """Draw a question whose answer is known.

    Args:
        task: of the session.
        kind: one of `SENTINELS` or `TRAINING` of the task. 2afc: "noisy" (one patch is the reference), "moderate" (one
            operator at very different severities). jnd: "identical", "noisy", "moderate" (severe, no noise). similar:
            "identical", "unrelated" (two images that are far apart).
        subset: of the item whose picture is used.
        index: of this item.
        draws: decide which patch is the better one, the operator and its parameters.
    """
    chains = {name: Chain() for name in PICTURES[task]}
    if task == "2afc":
        better, worse = ("p0", "p1") if draws.integer(2) == 0 else ("p1", "p0")
        if kind == "noisy":
            chains[worse] = _noise(VERY_NOISY, draws)
        else:
            chosen = operator(draws.choice(MODERATE))
            chains[better] = Chain((chosen.call(MILD, draws),))
            chains[worse] = Chain((chosen.call(SEVERE, draws),))
        return MadeQuestion(subset, index, chains, better)
    if kind == "identical":
        return MadeQuestion(subset, index, chains, "same" if task == "jnd" else "similar")
    if kind == "moderate":
        chains["p1"] = Chain((operator(draws.choice(MODERATE)).call(SEVERE, draws),))
    elif kind == "unrelated":
        return MadeQuestion(UNRELATED, draws.integer(2**16), {}, "different")
    else:
        chains["p1"] = _noise(VERY_NOISY, draws)
    return MadeQuestion(subset, index, chains, "different")


def _noise(sigma: float, draws: Draws) -> Chain:
    return Chain((OperatorCall(NOISE, 1.0, {"sigma": sigma, "noise_seed": draws.sub_seed()}),))


def render_question(source: QuestionSource, task: Task, made: MadeQuestion) -> dict[str, NDArray[np.uint8]]:
    """Make the pictures of a question: name → uint8 H×W×3 RGB.

    Raises:
        ChangedError: the item's pictures are not those that the study began with.
        BappsmithError: a picture cannot be read.
    """
    pictures = source.pictures(made.subset, made.index)
    if not made.chains:
        return pictures
    first = pictures[PICTURES[task][0]]
    return {name: apply_chain(first, chain) for name, chain in made.chains.items()}
