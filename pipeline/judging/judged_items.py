"""What a judge is given: some items of a subset, with as much of each as it asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.manifests.schema.triplet import TripletRecord

Images = dict[str, NDArray[np.uint8]]
"""Folder (ref, p0, p1; JND: p0, p1) → uint8 N×H×W×3 RGB."""


class JudgedItems:
    """Some items of one subset. What a judge does not read is not loaded.

    Args:
        kind: of the subset.
        patch: side of the patches, px.
        severities: total severities of both chains, float64 N×2.
        operators: names of the operators of both chains, joined by "+", N×2; empty: no operator.
        chains: returns the chains of p0 and p1 of every item.
        images: returns the pixels.
        answers: returns a labelling of the dataset by its name, for these items.

    Attributes:
        kind: of the subset.
        patch: side of the patches, px.
        severities: see above.
        operators: see above.
    """

    def __init__(
        self,
        kind: Kind,
        patch: int,
        severities: NDArray[np.float64],
        operators: Sequence[tuple[str, str]],
        chains: Callable[[], list[tuple[Chain, Chain]]],
        images: Callable[[], Images],
        answers: Callable[[str], Labelling],
    ) -> None:
        self.kind, self.patch, self.severities, self.operators = kind, patch, severities, operators
        self._chains, self._images, self.answers = chains, images, answers

    @classmethod
    def of_records(
        cls,
        kind: Kind,
        records: Sequence[TripletRecord],
        images: Callable[[], Images],
        answers: Callable[[str], Labelling],
    ) -> JudgedItems:
        """Return planned items of one subset.

        Args:
            kind: of the subset.
            records: plans of the items, at least one.
            images: returns the pixels.
            answers: returns a labelling, see the class.
        """
        return cls(
            kind,
            records[0].patch,
            np.array([(record.chain0.severity, record.chain1.severity) for record in records], np.float64),
            [("+".join(record.chain0.names), "+".join(record.chain1.names)) for record in records],
            lambda: [(record.chain0, record.chain1) for record in records],
            images,
            answers,
        )

    def __len__(self) -> int:
        return len(self.severities)

    @cached_property
    def chains(self) -> list[tuple[Chain, Chain]]:
        """The chains of p0 and p1 of every item; JND: p0's is empty."""
        return self._chains()

    @cached_property
    def images(self) -> Images:
        """The pixels of all items; see `Images`."""
        return self._images()


def not_needed(what: str) -> Callable[..., NoReturn]:
    """Return what raises the error for a judge that reads what it did not name in `Judge.needs`."""

    def refuse(*_: object) -> NoReturn:
        raise BappsmithError(f"a judge reads {what} without naming it; add '{what}' to its `needs`")

    return refuse
