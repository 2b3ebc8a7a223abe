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
    if any(_is_beyond(call, side, anchors) for call in calls):
        return None
    return float(np.median([anchors.damage(call.name, call.params, side) or 0.0 for call in calls]))


def _is_beyond(call: OperatorCall, side: int, anchors: Anchors) -> bool:
    for one in anchors.operators.get(call.name, ()):
        if all(call.params.get(key) == value for key, value in one.when.items()):
            value = float(call.params[one.parameter]) * (side if one.in_patches else 1)
            last = one.anchors[-1][0]
            return (value - last) * (last - one.harmless) > 0
    return True
