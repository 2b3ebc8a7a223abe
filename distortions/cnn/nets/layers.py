"""The layers of the networks. Every convolution pads by reflection.

Zeros around an image are darker than most images, so networks that pad with zeros leave a rim, which a metric would
learn in place of perception.
"""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-5
"""Added to variances, as in torch's own layers of normalisation."""


class Convolution(nn.Conv2d):
    """A convolution that keeps the size, or divides it by its stride; the border is reflected.

    Args:
        into: channels of the input.
        out: channels of the output.
        size: side of the kernel, px: 3 or 1.
        stride: 1 or 2.
    """

    def __init__(self, into: int, out: int, size: int = 3, stride: int = 1) -> None:
        super().__init__(into, out, size, stride=stride)

    def forward(self, input: Tensor) -> Tensor:
        """Convolve N×C×H×W. Without gradients on the CPU, call oneDNN itself.

        torch's choice between oneDNN and a slower kernel depends on the size of the batch; a single small image would
        get the slower one.
        """
        padded = reflected(input) if self.kernel_size[0] == 3 else input
        if input.is_cpu and torch.backends.mkldnn.is_available() and not torch.is_grad_enabled():
            return torch.mkldnn_convolution(padded, self.weight, self.bias, (0, 0), self.stride, (1, 1), 1)
        return super().forward(padded)


class TransposedConvolution(nn.ConvTranspose2d):
    """A transposed convolution of 4×4 with stride 2 that doubles the size; the border is reflected."""

    def __init__(self, into: int, out: int) -> None:
        super().__init__(into, out, 4, stride=2, padding=3)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Enlarge N×C×H×W to N×C×2H×2W."""
        return super().forward(reflected(input), output_size)


class InstanceNorm(nn.Module):
    """Normalise every channel of every image to mean 0 and variance 1, then scale and shift it.

    It computes what `torch.nn.InstanceNorm2d` does, in a third of the time for channels-last images.

    Args:
        channels: of the input.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Normalise N×C×H×W."""
        centred = features - features.mean((2, 3), keepdim=True)
        variance = centred.square().mean((2, 3), keepdim=True)
        scale = self.weight.view(-1, 1, 1) * torch.rsqrt(variance + EPSILON)
        return torch.addcmul(self.bias.view(-1, 1, 1), centred, scale)


def reflected(features: Tensor) -> Tensor:
    """Pad N×C×H×W by one px on each side: the border is the mirror axis, or repeated where a side is 1 px."""
    return functional.pad(features, (1, 1, 1, 1), mode="reflect" if min(features.shape[2:]) > 1 else "replicate")
