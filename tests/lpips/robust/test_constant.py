"""Measurements of a Lipschitz constant judge the one that is claimed."""

from __future__ import annotations

import pytest

from bappsmith.lpips.robust.constant import MeasuredConstant
from bappsmith.manifests.errors import BappsmithError


def test_a_measurement_above_the_constant_disproves_it() -> None:
    measured = MeasuredConstant(power_iteration=1.000005, random_pairs=0.5, searched_pairs=0.9)
    measured.refuse_above(1.0, "m")  # rounding of float32
    with pytest.raises(BappsmithError, match=r"metric m: .*0\.99, .*power_iteration found 1\.000005") as caught:
        measured.refuse_above(0.99, "m")
    assert "\n" not in str(caught.value)
    with pytest.raises(BappsmithError, match="random_pairs found nan"):
        MeasuredConstant(0.5, float("nan"), 0.5).refuse_above(1.0, "m")
