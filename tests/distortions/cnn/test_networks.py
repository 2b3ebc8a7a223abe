"""The space of networks: valid, varied, and built from its own seed."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.distortions.cnn.nets.network import Autoencoder, discriminator, multiple
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
        ({"discriminator_layers": 2, "discriminator_weight": 0.0}, "both 0, or neither"),
        ({"l1_weight": 0.0, "feature_weight": 0.0, "ms_ssim_weight": 0.0}, "is above 0"),
        ({"colour": "blue"}, "colour: "),
        ({"upsampling": "magic"}, "upsampling: "),
    ],
)
def test_a_spec_by_hand_is_checked_in_one_line(change: dict[str, object], words: str):
    with pytest.raises(BappsmithError, match=words) as refused:
        NetworkSpec.from_json({**spec(0, 0, features=True).to_json(), **change})
    assert "\n" not in str(refused.value)


@settings(max_examples=25, deadline=None)
@given(index=st.integers(0, 500))
def test_every_network_keeps_size_and_range_and_comes_from_its_seed(index: int):
    drawn = spec(1, index, features=False)
    before = torch.get_rng_state()
    network, same = Autoencoder(drawn).eval(), Autoencoder(drawn)
    assert (torch.get_rng_state() == before).all()
    assert all((a == b).all() for a, b in zip(network.parameters(), same.parameters(), strict=True))
    side = multiple(drawn)
    images = torch.rand(2, 3, 4 * side, 5 * side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        made = network(images)
    assert made.shape == images.shape
    assert made.abs().max() <= 1


@pytest.mark.parametrize("skips", [0, 1, 2])
def test_skips_and_the_top_skip_carry_what_the_bottleneck_loses(skips: int):
    drawn = spec(0, 0, features=False).to_json() | {"levels": 2, "skips": skips, "dropout_layers": 0}
    network = Autoencoder(NetworkSpec.from_json({**drawn, "top_skip": False}))
    assert [layer.seen > 0 for layer in network.up] == [k < skips for k in range(2)]
    top = Autoencoder(NetworkSpec.from_json({**drawn, "top_skip": True}))
    assert top.last.in_channels == network.last.in_channels + 3


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_the_discriminator_has_the_layers_asked_for(layers: int):
    network = discriminator(layers, 0)
    assert sum(isinstance(part, torch.nn.Conv2d) for part in network) == layers + 1
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 1, 64 // 2**layers, 64 // 2**layers)
