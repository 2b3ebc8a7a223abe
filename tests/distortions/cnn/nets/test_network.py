"""Networks: size and range kept, built from their own seed."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.distortions.cnn.nets.network import Autoencoder, discriminator, multiple
from bappsmith.distortions.cnn.spec import NetworkSpec, spec


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


@pytest.mark.parametrize("normalization", ["none", "batch", "instance"])
@pytest.mark.parametrize("first_stride", [1, 2])
@pytest.mark.parametrize("upsampling", ["nearest", "bilinear", "transposed", "pixel_shuffle"])
def test_a_plain_image_gets_no_rim(upsampling: str, first_stride: int, normalization: str):
    """A network may change a plain colour, and add the grid of its upsampling, but not draw the border.

    The tolerance is for instance normalisation, which enlarges rounding errors where nothing varies.
    """
    grid = 2 if upsampling in ("transposed", "pixel_shuffle") else 1
    levels = 3 if grid == 1 else 1
    fields = {"levels": levels, "skips": levels, "top_skip": True, "dropout_layers": 0, "upsampling": upsampling,
              "normalization": normalization, "first_stride": 1 if grid == 2 else first_stride}  # fmt: skip
    network = Autoencoder(NetworkSpec.from_json(spec(0, 0, features=False).to_json() | fields)).eval()
    image = torch.tensor([0.5, -0.2, 0.1]).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    with torch.inference_mode():
        output = network(image)
    inner = output[:, :, 32 : 32 + grid, 32 : 32 + grid].repeat(1, 1, 64 // grid, 64 // grid)
    torch.testing.assert_close(output, inner, rtol=0, atol=5e-3)


@pytest.mark.parametrize("skips", [0, 1, 2])
def test_skips_and_the_top_skip_carry_what_the_bottleneck_loses(skips: int):
    drawn = spec(0, 0, features=False).to_json() | {
        "levels": 2, "skips": skips, "dropout_layers": 0, "upsampling": "nearest", "normalization": "none"
    }  # fmt: skip
    network = Autoencoder(NetworkSpec.from_json({**drawn, "top_skip": False}))
    images = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    state = network.state_dict()
    state |= {name: torch.zeros_like(value) for name, value in state.items() if name.startswith("middle")}
    network.load_state_dict(state)  # nothing passes the bottleneck
    with torch.inference_mode():
        output = network.eval()(images)
    assert (float(output.std(dim=(2, 3)).max()) > 1e-3) == (skips > 0)
    top = Autoencoder(NetworkSpec.from_json({**drawn, "top_skip": True}))
    assert top.last.in_channels == network.last.in_channels + 3


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_the_discriminator_has_the_layers_asked_for(layers: int):
    network = discriminator(layers, 0)
    assert sum(isinstance(part, torch.nn.Conv2d) for part in network) == layers + 1
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 1, 64 // 2**layers, 64 // 2**layers)
