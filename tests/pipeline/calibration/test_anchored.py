"""Damage that people saw, where they judged it."""

from __future__ import annotations

import pytest

from bappsmith.manifests.schema.call import OperatorCall
from bappsmith.pipeline.calibration.anchored import judged_damage
from bappsmith.pipeline.judging.anchors import AnchoredOperator, Anchors

ANCHORS = Anchors(
    unit="points",
    operators={
        "saturation": (
            AnchoredOperator(
                parameter="amount", source="a", harmless=0, anchors=((1.0, 2.0),), when={"direction": "less"}
            ),
        ),
        "jpeg": (AnchoredOperator(parameter="quality", source="a", harmless=100, anchors=((50, 1.0), (10, 2.0))),),
        "chromatic_aberration": (
            AnchoredOperator(parameter="distance", source="a", harmless=0, anchors=((4.0, 2.0),), in_patches=True),
        ),
    },
)


def call(name: str, **params: object) -> OperatorCall:
    return OperatorCall(name, 1.0, params)


@pytest.mark.parametrize(
    ("calls", "side", "damage"),
    [
        ([call("jpeg", quality=30)], 64, 1.5),
        ([call("jpeg", quality=10)], 64, 2.0),
        ([call("jpeg", quality=9)], 64, None),
        ([call("jpeg", quality=30), call("jpeg", quality=9)], 64, None),
        ([call("saturation", amount=0.5, direction="less"), call("saturation", amount=0.1, direction="less")], 64, 0.6),
        ([call("saturation", amount=0.5, direction="more")], 64, None),
        ([call("chromatic_aberration", distance=0.02)], 100, 1.0),
        ([call("chromatic_aberration", distance=0.05)], 100, None),
        ([call("contrast", factor=2)], 64, None),
    ],
)
def test_judged_where_every_call_is_within_the_anchors(calls: list[OperatorCall], side: int, damage: float | None):
    assert judged_damage(calls, side, ANCHORS) == (None if damage is None else pytest.approx(damage))
