"""The judge `severity`: the patch with the smaller total severity is closer."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.subset import SubsetRecipe
from bappsmith.manifests.schema.subset_path import Kind
from bappsmith.pipeline.judging import Figures, Judge, JudgedItems, register_judge
from bappsmith.pipeline.judging.calibrated import uncalibrated
from bappsmith.pipeline.judging.judge import certain


@register_judge
class Severity(Judge):
    """The patch whose chain has the smaller total severity is the closer one. Equal severities give 0.5.

    This is exact if both chains hold the same operators with the same free parameters. Otherwise it is as good as the
    calibration of severities across operators (docs/calibration.md).
    """

    def check(self, subset: SubsetRecipe, drawn: Collection[str]) -> None:
        """Refuse operators without calibrated severity, unless both chains have one operator; and equal severities."""
        if subset.pairing == "same-degradation":
            raise BappsmithError(
                f"subset {subset.path}: judge severity cannot judge pairing same-degradation, because both sides have "
                "the same severity; use judge context or metric"
            )
        if subset.pairing != "same-chain" and len(drawn) > 1 and (names := uncalibrated(drawn)):
            raise BappsmithError(
                f"subset {subset.path}: judge severity compares severities of different operators, and {names} no "
                "calibrated severity; leave them out, or use pairing same-chain or judge context"
            )

    def measure(self, items: JudgedItems) -> Figures:
        """Return both total severities."""
        return {"severities": items.severities}

    def prefer(self, figures: Figures, kind: Kind) -> NDArray[np.float64]:
        """Return severity of p0 minus severity of p1."""
        return figures["severities"][:, 0] - figures["severities"][:, 1]

    def probability(self, preferences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return 1, 0 or 0.5: severities are compared without noise."""
        return certain(preferences)
