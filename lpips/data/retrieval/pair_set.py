"""Pairs of a query and a candidate from one folder of images, each with people's votes for "similar"."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pair:
    """One query with one candidate.

    Attributes:
        query: name of the image, from the folder of the set, with forward slashes.
        candidate: name of the image.
        share: share of people who said "similar", in [0, 1]; None if nobody judged the pair.
        votes: number of people; 0 if nobody judged the pair, or if only the share is known.
        inclusion: probability that the pair was chosen to be judged, given its query, in (0, 1]; None if unknown.
        found_by: who found the pair, such as "l2:1 ssim:4" (metric and rank); empty if unknown.
    """

    query: str
    candidate: str
    share: float | None = None
    votes: int = 0
    inclusion: float | None = None
    found_by: str = ""

    @property
    def similar(self) -> bool | None:
        """Whether more than half of the people said "similar"; None if nobody judged the pair, or half of them."""
        return None if self.share is None or self.share == 0.5 else self.share > 0.5


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs of one folder of images.

    Attributes:
        root: the folder of images.
        path: the file of pairs.
        pairs: in the order of the file.
    """

    root: Path
    path: Path
    pairs: tuple[Pair, ...]

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def similar(self) -> NDArray[np.float64]:
        """1 for similar, 0 for different, NaN without a majority; shape (N,)."""
        return np.array([np.nan if pair.similar is None else float(pair.similar) for pair in self.pairs])

    @property
    def images(self) -> list[str]:
        """Names of all images that occur, sorted."""
        return sorted({name for pair in self.pairs for name in (pair.query, pair.candidate)})
