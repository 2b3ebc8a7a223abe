"""A set of people's scores: pairs of reference and distorted image, each with a mean opinion score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MosItem:
    """One distorted image with its score.

    Attributes:
        reference: image file.
        distorted: image file.
        score: mean over people, in the unit of the set.
        type: kind of distortion; empty if unknown.
        level: of the distortion, as the set names it; empty if unknown.
    """

    reference: Path
    distorted: Path
    score: float
    type: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class MosSet:
    """People's scores of distorted images.

    Attributes:
        name: of a published set, such as KADID-10k; otherwise the path that was given.
        root: the folder or file that was given.
        higher_is_better: False for difference scores (DMOS): higher is worse.
        items: ordered by reference, then by distorted image.
    """

    name: str
    root: Path
    higher_is_better: bool
    items: tuple[MosItem, ...]

    def __len__(self) -> int:
        return len(self.items)

    @property
    def damage(self) -> NDArray[np.float64]:
        """The scores, with the sign turned where higher is better: higher is worse, as in a distance. Shape (N,)."""
        sign = -1.0 if self.higher_is_better else 1.0
        return sign * np.array([item.score for item in self.items])
