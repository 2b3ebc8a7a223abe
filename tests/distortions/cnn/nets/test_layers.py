"""Layers against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from bappsmith.distortions.cnn.nets.layers import Convolution, InstanceNorm, TransposedConvolution

IMAGES = torch.randn(2, 5, 12, 8, generator=torch.Generator().manual_seed(0))


def mirrored(images: torch.Tensor, margin: int) -> torch.Tensor:
    return functional.pad(images, (margin,) * 4, mode="reflect")


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (1, 1)])
def test_a_convolution_is_that_of_the_mirrored_image(size: int, stride: int, gradients: bool):
    layer = Convolution(5, 7, size, stride)
    with torch.set_grad_enabled(gradients):
        result = layer(IMAGES)
    expected = functional.conv2d(mirrored(IMAGES, size // 2), layer.weight, layer.bias, stride=stride)
    assert result.shape == (2, 7, 12 // stride, 8 // stride)
    torch.testing.assert_close(result, expected)


def test_a_transposed_convolution_is_the_middle_of_that_of_the_mirrored_image():
    layer = TransposedConvolution(5, 3)
    plain = functional.conv_transpose2d(mirrored(IMAGES, 2), layer.weight, layer.bias, stride=2, padding=1)
    torch.testing.assert_close(layer(IMAGES), plain[:, :, 4:-4, 4:-4])


@pytest.mark.parametrize("layer", [Convolution(5, 5), TransposedConvolution(5, 5)])
def test_a_side_of_one_pixel_is_repeated(layer: nn.Module):
    one = IMAGES[:, :, :1, :1]
    assert layer(one).isfinite().all()


def test_instance_normalisation_and_its_gradients_are_torchs():
    ours, torchs = InstanceNorm(5), nn.InstanceNorm2d(5, affine=True)
    for layer in (ours, torchs):
        nn.init.uniform_(layer.weight, generator=torch.Generator().manual_seed(1))
        nn.init.uniform_(layer.bias, generator=torch.Generator().manual_seed(2))
    inputs = [IMAGES.clone().requires_grad_() for _ in range(2)]
    results = [layer(images) for layer, images in zip((ours, torchs), inputs, strict=True)]
    torch.testing.assert_close(*results)
    for result in results:
        (result * torch.linspace(0, 1, result.numel()).view_as(result)).sum().backward()
    torch.testing.assert_close(inputs[0].grad, inputs[1].grad, rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(ours.weight.grad, torchs.weight.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ours.bias.grad, torchs.bias.grad, rtol=1e-4, atol=1e-4)
