"""The faster gradient of a strided convolution is the ordinary one."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.first_convolution import FirstConvolution


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(11, 4, 2), (3, 2, 0), (7, 2, 3), (4, 4, 0), (2, 3, 1)])
@pytest.mark.parametrize("size", [(32, 32), (33, 38), (47, 31)])
def test_values_and_gradients(kernel: int, stride: int, padding: int, size: tuple[int, int]):
    plain = nn.Conv2d(3, 5, kernel, stride, padding, device="meta")
    assert FirstConvolution.fits(plain)
    fast = FirstConvolution.of(plain).to_empty(device="cpu").double().requires_grad_(False)
    for k, values in enumerate(fast.parameters()):
        values.copy_(torch.randn(values.shape, generator=torch.Generator().manual_seed(k), dtype=torch.float64))
    image = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    found = []
    for run in (fast, lambda x: nn.functional.conv2d(x, fast.weight, fast.bias, stride, padding)):
        leaf = image.clone().requires_grad_()
        out = run(leaf)
        out.square().sum().backward()
        found.append((out.detach(), leaf.grad))
    for ours, plain_one in zip(*found, strict=True):
        torch.testing.assert_close(ours, plain_one)
    assert torch.autograd.gradgradcheck(fast, (image[:1, :, :12, :12].clone().requires_grad_(),))


def test_trunks_have_it_under_the_same_names():
    trunk = Trunk("alex", 0)
    assert isinstance(trunk.cut.get_submodule("features.0"), FirstConvolution)
    assert trunk.state()["features.0.weight"].shape == (64, 3, 11, 11)
    assert not any(isinstance(module, FirstConvolution) for module in Trunk("vgg", 0).modules())
