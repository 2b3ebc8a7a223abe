"""The space of networks: valid, varied, and built from its own seed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions.cnn.spec import NetworkSpec, spec
from bappsmith.manifests.errors import BappsmithError

FIELDS = ("corruption", "levels", "skips", "top_skip", "dropout_layers", "upsampling", "normalization", "first_stride",
          "first_width", "largest_width", "discriminator_layers", "feature_weight", "ms_ssim_weight")  # fmt: skip


@given(seed=st.integers(0, 2**63), index=st.integers(0, 10**6), features=st.booleans())
def test_every_spec_of_the_space_is_valid_and_survives_json(seed: int, index: int, features: bool):
    drawn = spec(seed, index, features=features)
    assert NetworkSpec.from_json(json.loads(json.dumps(drawn.to_json()))) == drawn
    assert spec(seed, index, features=features) == drawn
    assert features or drawn.feature_weight == 0


def test_every_field_varies_and_attempts_differ():
    drawn = [spec(0, index, features=True) for index in range(96)]
    for field in FIELDS:
        assert len({getattr(one, field) for one in drawn}) > 1, field
    assert len({one.digest() for one in drawn}) == 96
    assert spec(0, 5, 1, features=True) != spec(0, 5, 0, features=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"levels": 4}, "levels: "),
        ({"skips": 3, "levels": 1, "dropout_layers": 0}, "at most levels"),
        ({"first_width": 32, "largest_width": 8}, "at least first_width"),
        ({"discriminator_layers": 2, "discriminator_weight": 0.0}, "both be 0, or neither"),
        ({"l1_weight": 0.0, "feature_weight": 0.0, "ms_ssim_weight": 0.0}, "must be above 0"),
        ({"colour": "blue"}, "colour: "),
        ({"upsampling": "magic"}, "upsampling: "),
    ],
)
def test_a_spec_by_hand_is_checked_in_one_line(change: dict[str, object], words: str):
    with pytest.raises(BappsmithError, match=words) as refused:
        NetworkSpec.from_json({**spec(0, 0, features=True).to_json(), **change})
    assert "\n" not in str(refused.value)
