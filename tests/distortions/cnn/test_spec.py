"""The space of networks: valid, varied, and built from its own seed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions.cnn.nets.network import Autoencoder
from bappsmith.distortions.cnn.spec import NetworkSpec, spec
from bappsmith.manifests.errors import BappsmithError

FIELDS = ("corruption", "levels", "skips", "top_skip", "dropout_layers", "upsampling", "normalization", "first_stride",
          "first_width", "largest_width", "discriminator_layers", "feature_weight", "ms_ssim_weight",
          "steps")  # fmt: skip


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


def test_steps_are_drawn_log_uniformly_and_change_nothing_else():
    steps = [spec(0, index, features=True).steps for index in range(400)]
    assert min(steps) >= 50
    assert max(steps) <= 1500
    below = sum(one < 274 for one in steps)  # the geometric mean of 50 and 1500
    assert 160 < below < 240
    assert sum(one < 118 for one in steps) > 70  # a quarter of the way, on a log scale
    few = spec(0, 3, features=True, steps=(2, 2))
    assert few.steps == 2
    assert few.model_copy(update={"steps": steps[3]}) == spec(0, 3, features=True)


def test_an_architecture_is_what_decides_the_shapes_of_weights():
    drawn = [spec(0, index, features=True) for index in range(12)]
    shapes = [[(n, tuple(w.shape)) for n, w in Autoencoder(one).state_dict().items()] for one in drawn]
    for i, one in enumerate(drawn):
        retrained = one.model_copy(update={"seed": 1, "steps": 9, "corruption": "none", "learning_rate": 0.01})
        assert retrained.architecture() == one.architecture()
        for j, other in enumerate(drawn[:i]):
            assert one.architecture() != other.architecture() or shapes[i] == shapes[j]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"levels": 4}, "levels: "),
        ({"skips": 3, "levels": 1, "dropout_layers": 0}, "at most levels"),
        ({"first_width": 32, "largest_width": 8}, "at least first_width"),
        ({"discriminator_layers": 2, "discriminator_weight": 0.0}, "both be 0, or neither"),
        ({"l1_weight": 0.0, "feature_weight": 0.0, "ms_ssim_weight": 0.0}, "must be above 0"),
        ({"steps": 0}, "steps: "),
        ({"colour": "blue"}, "colour: "),
        ({"upsampling": "magic"}, "upsampling: "),
    ],
)
def test_a_spec_by_hand_is_checked_in_one_line(change: dict[str, object], words: str):
    with pytest.raises(BappsmithError, match=words) as refused:
        NetworkSpec.from_json({**spec(0, 0, features=True).to_json(), **change})
    assert "\n" not in str(refused.value)
