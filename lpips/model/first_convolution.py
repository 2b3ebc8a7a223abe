"""The first convolution of a trunk, with a faster gradient for the image."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class FirstConvolution(nn.Conv2d):
    """A strided convolution of an image whose weights are fixed.

    Its gradient for the image is a transposed convolution with three output channels, which processors compute badly.
    Here it is one of stride 1 with s·s times as many channels, which are then interleaved: the same sums. In any other
    case it is an ordinary `nn.Conv2d`.
    """

    @classmethod
    def of(cls, conv: nn.Conv2d) -> FirstConvolution:
        """Make it from a convolution whose weights are on "meta"; see `fits`."""
        made = cls(
            conv.in_channels,
            conv.out_channels,
            conv.kernel_size,  # type: ignore[arg-type]
            conv.stride,  # type: ignore[arg-type]
            conv.padding,  # type: ignore[arg-type]
            bias=conv.bias is not None,
            device="meta",
        )
        return made.eval()

    @staticmethod
    def fits(module: nn.Module) -> bool:
        """Whether this is a convolution of an image with equal steps above 1, zero padding and one group."""
        return (
            type(module) is nn.Conv2d
            and module.in_channels == 3
            and module.stride[0] == module.stride[1] > 1
            and not isinstance(module.padding, str)
            and module.padding_mode == "zeros"
            and (module.groups, *module.dilation) == (1, 1, 1)
        )

    def forward(self, input: Tensor) -> Tensor:
        """Convolve N×3×H×W images."""
        plain = self.weight.requires_grad or not input.requires_grad or input.device.type != "cpu"
        if plain or not torch.is_grad_enabled() or torch.is_autocast_enabled("cpu"):
            return super().forward(input)
        return _Convolve.apply(input, self.weight, self.bias, self.stride[0], self.padding)


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, image: Tensor, weight: Tensor, bias: Tensor | None, stride: int, padding: tuple[int, int]
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.size, ctx.stride, ctx.padding = image.shape[2:], stride, padding
        return functional.conv2d(image, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (weight,), step = ctx.saved_tensors, ctx.stride
        (top, left), (height, width) = ctx.padding, ctx.size
        bottom, right = -weight.shape[2] % step, -weight.shape[3] % step
        whole = functional.pad(weight, (0, right, 0, bottom))
        # O×3×(a·s)×(b·s) → O×(3·s·s)×a×b: what reaches each of s·s neighbouring pixels.
        phases = functional.pixel_unshuffle(whole, step).contiguous(memory_format=torch.channels_last)
        spread = functional.pixel_shuffle(functional.conv_transpose2d(gradients[0], phases), step)
        # Steps that do not fill the image leave pixels that nothing saw.
        missing = (0, max(0, left + width - spread.shape[3]), 0, max(0, top + height - spread.shape[2]))
        image = functional.pad(spread, missing)[:, :, top : top + height, left : left + width]
        return image, None, None, None, None
