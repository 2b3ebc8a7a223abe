"""What people said about calls of an operator, where they judged it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bappsmith.manifests.schema.call import OperatorCall
from bappsmith.pipeline.judging.anchors import Anchors


def judged_damage(calls: Sequence[OperatorCall], side: int, anchors: Anchors) -> float | None:
    """Return the median damage that people saw in calls of one operator on patches of `side` px.

    None: a call has no anchors, or its parameter lies beyond the most severe of them.
    """
    damages: list[float] = []
    for call in calls:
        anchored = anchors.damage(call.name, call.params, side)
        if anchored is None or anchored[1]:
            return None
        damages.append(anchored[0])
    return float(np.median(damages))
