"""Find sequences among photographs: files of one folder whose names end in consecutive numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.photograph import Photograph

_NUMBERED = re.compile(r"(.*?)([0-9]+)(\.[^./]*)", re.DOTALL)
"""What stands before the number, the number, and the suffix."""
SHORTEST = 3
"""Frames of a sequence at least: an inner one has a frame before and a frame after."""
_TODO = "rename the frames, put parts of the film into folders of their own, or leave out sources.sequences"

Frames = tuple[Photograph, ...]
"""The frames of one sequence, first to last."""


def find_sequences(photographs: Iterable[Photograph]) -> tuple[Frames, ...]:
    """Return the sequences of at least three frames. Other photographs are in none.

    Raises:
        BappsmithError: a sequence has a gap, a number twice, or frames of several sizes; or there is no sequence.
    """
    by_stem: dict[tuple[str, str], list[tuple[int, Photograph]]] = {}
    for photo in photographs:
        match = _NUMBERED.fullmatch(photo.name)
        if match:
            by_stem.setdefault((match[1], match[3].lower()), []).append((int(match[2]), photo))
    sequences: list[Frames] = []
    for _, numbered in sorted(by_stem.items()):
        numbered.sort(key=lambda one: (one[0], one[1].name))
        if len(numbered) >= SHORTEST:
            _check(numbered)
            sequences.append(tuple(photo for _, photo in numbered))
    if not sequences:
        raise BappsmithError(
            "sources.sequences is numbered, but no three photographs of one folder have consecutive numbers, such as "
            "clip/0001.png, clip/0002.png, clip/0003.png; number the frames, or leave out sources.sequences"
        )
    return tuple(sequences)


def neighbours(sequences: Iterable[Frames]) -> Mapping[str, tuple[str, str]]:
    """Return the names of the frames before and after every inner frame, by its name."""
    return {
        frames[i].name: (frames[i - 1].name, frames[i + 1].name)
        for frames in sequences
        for i in range(1, len(frames) - 1)
    }


def sequences_of(run: Run) -> tuple[Frames, ...]:
    """Return the sequences that the items of a dataset come from; empty if it was made from single photographs."""
    made_from: Sequence[tuple[Recipe, Sequence[Photograph]]] = [(run.recipe, run.photographs)]
    if run.parents:
        parents = [run.parent(facts["fingerprint"]) for facts in run.parents]
        made_from = [(parent.recipe, parent.photographs) for parent in parents]
    return tuple(
        frames
        for recipe, photographs in made_from
        if recipe.sources.sequences == "numbered"
        for frames in find_sequences(photographs)
    )


def _check(numbered: Sequence[tuple[int, Photograph]]) -> None:
    for (number, photo), (next_number, next_photo) in pairwise(numbered):
        between = f"{printable(photo.name)} and {printable(next_photo.name)}"
        if next_number == number:
            raise BappsmithError(f"the sequence has number {number} twice, in {between}; {_TODO}")
        if next_number > number + 1:
            raise BappsmithError(f"the sequence has a gap: number {number + 1} is missing between {between}; {_TODO}")
        if (photo.height, photo.width) != (next_photo.height, next_photo.width):
            raise BappsmithError(
                f"the frames of a sequence have one size, but {between} have {photo.width}×{photo.height} and "
                f"{next_photo.width}×{next_photo.height} px; {_TODO}"
            )
