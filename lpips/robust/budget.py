"""How much an image may change: a norm and a size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Literal, TypeAlias

from bappsmith.manifests.errors import BappsmithError

Norm: TypeAlias = Literal["l2", "linf"]
LARGEST = 1 / 8
"""Largest root mean square change. Beyond it, a judgment about the changed image means nothing."""


@dataclass(frozen=True, order=True)
class Budget:
    """The largest change of an image.

    Attributes:
        norm: "l2", the Euclidean norm of all 3·H·W values, or "linf", the largest of them.
        size: in the unit of images in [0, 1], above 0.
    """

    norm: Norm
    size: float

    def __post_init__(self) -> None:
        if self.norm not in ("l2", "linf"):
            raise BappsmithError(f"the norm of a budget must be l2 or linf, found {self.norm!r}")
        if not (isfinite(self.size) and self.size > 0):
            raise BappsmithError(f"a radius must be above 0 and finite, found {self.norm} {self.size:g}")

    @property
    def label(self) -> str:
        """Such as "l2 36/255"."""
        return f"{self.norm} {self.size * 255:g}/255"

    def refuse_too_large(self, values: int) -> None:
        """Refuse a radius after which images mean nothing, such as one in another unit.

        Args:
            values: number of values of an image, 3·H·W.

        Raises:
            BappsmithError: the root mean square change could be more than `LARGEST`.
        """
        most = LARGEST * (sqrt(values) if self.norm == "l2" else 1)
        if self.size > most:
            raise BappsmithError(
                f"radius {self.label} ({self.size:g} in the unit of images in [0, 1]) is too large: at most "
                f"{int(most * 255)}/255 for images of {values:,} values; the command line takes radii in "
                "1/255, Python in the unit of images in [0, 1]"
            )


def budget_of_255(norm: Norm, levels: float) -> Budget:
    """Make a budget from a radius in 1/255, as the command line takes it.

    Raises:
        BappsmithError: it is not above 0 and finite, or below 1, so less than any change of an 8-bit image.
    """
    if not (isfinite(levels) and levels > 0):
        usual = 36 if norm == "l2" else 1
        raise BappsmithError(
            f"{norm} radius {levels:g}: radii are given in 1/255, above 0 and finite; give {usual} or so"
        )
    if levels < 1:
        raise BappsmithError(
            f"{norm} radius {levels:g}: radii are given in 1/255, at least 1, because 8-bit images cannot change by "
            f"less; for {levels:g} in the unit of images in [0, 1], give {255 * levels:g}"
        )
    return Budget(norm, levels / 255)


DEFAULT_LEVELS = (36.0, 72.0, 108.0)
"""l2 radii in 1/255 at which certificates of images are usually published."""


def budgets_of_255(l2: Sequence[float] | None, linf: Sequence[float] | None) -> list[Budget]:
    """Make budgets from radii in 1/255: those given, or `DEFAULT_LEVELS` if there are none. They are sorted.

    Raises:
        BappsmithError: see `budget_of_255`.
    """
    levels = DEFAULT_LEVELS if not l2 and not linf else l2 or ()
    budgets = {*(budget_of_255("l2", r) for r in levels), *(budget_of_255("linf", r) for r in linf or ())}
    return sorted(budgets)
