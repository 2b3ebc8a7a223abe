"""What the viewer shows of the items of one subset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, Kind
from bappsmith.manifests.sealed_subset import SealedSubset


@dataclass(frozen=True)
class ViewerItems:
    """Some items of one subset.

    Attributes:
        subset: path of the subset, such as 2afc/val/traditional.
        kind: "2afc" or "jnd".
        total: number of items of the subset, shown or not.
        side: of a patch, px.
        stems: file names without suffix, N of them.
        pictures: called once or more; yields N times the patches of an item, uint8 side×side×3 RGB.
        photos: names of the photographs, N of them; none if they are unknown.
        chains: distortions of p0 and of p1, N pairs; none if they are unknown.
        labellings: judgments of these items. The first is shown when the page opens.
        distances: metric → (d0, d1) for 2AFC, (d,) for JND; shape (N,) each.
        replay: start of the command that makes an item again, without its index; empty if nothing can.
    """

    subset: str
    kind: Kind
    total: int
    side: int
    stems: Sequence[str]
    pictures: Callable[[], Iterator[Sequence[NDArray[np.uint8]]]]
    photos: Sequence[str] = ()
    chains: Sequence[tuple[Chain, Chain]] = ()
    labellings: Sequence[Labelling] = ()
    distances: Mapping[str, tuple[NDArray[np.float32], ...]] = field(
        default_factory=dict[str, tuple[NDArray[np.float32], ...]]
    )
    replay: str = ""

    def __len__(self) -> int:
        return len(self.stems)

    @property
    def pixels(self) -> int:
        """Number of pixels of all patches."""
        return len(self) * len(IMAGE_FOLDERS[self.kind]) * self.side * self.side


def origins(subset: SealedSubset, indices: Sequence[int]) -> tuple[list[str], list[tuple[Chain, Chain]]]:
    """Read the photographs and the chains of some items of a finished dataset.

    Args:
        subset: of the dataset.
        indices: positions in the subset, from 0.

    Returns:
        Names of the photographs, and chains of p0 and p1.
    """
    rows = subset.take_columns(indices)
    return [row["photo"] for row in rows], subset.chains(rows)
