"""The networks: convolutional encoder and decoder, and a patch discriminator."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from bappsmith.distortions.cnn.spec import NetworkSpec

from .layers import Convolution, InstanceNorm, TransposedConvolution

DROPOUT = 0.3
"""Rate of dropout; chosen by us: the paper does not give one."""
SMALL = 0.1
"""Factor on the first weights of the last layer of a residual network."""


class Autoencoder(nn.Module):
    """An autoencoder, for denoising or another task.

    Args:
        spec: the architecture. Weights come from `spec.seed`; the global random state does not change.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        widths = [min(spec.first_width * 2**k, spec.largest_width) for k in range(spec.levels + 1)]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            self.first = _Layer(spec.inputs, widths[0], spec, stride=spec.first_stride)
            self.down = nn.ModuleList(_Layer(into, out, spec, stride=2) for into, out in pairwise(widths))
            self.middle = _Layer(widths[-1], widths[-1], spec)
            up: list[nn.Module] = []
            # From the coarsest level up; the first `skips` of them also get the encoder's features.
            for k in range(spec.levels):
                into, out = widths[spec.levels - k], widths[spec.levels - k - 1]
                skipped = out if k < spec.skips else 0
                up.append(_Up(into, out, skipped, spec, dropout=k < spec.dropout_layers))
            self.up = nn.ModuleList(up)
            self.full = _Up(widths[0], widths[0], 0, spec, dropout=False) if spec.first_stride == 2 else None
            self.last = Convolution(widths[0] + (spec.inputs if spec.top_skip else 0), spec.outputs)
        if spec.residual:  # training then starts near the input itself
            with torch.no_grad():
                for parameter in self.last.parameters():
                    parameter.mul_(SMALL)

    def forward(self, images: Tensor) -> Tensor:
        """Reconstruct images.

        Args:
            images: float N×inputs×H×W in about [-1, 1]; sides are multiples of `multiple(spec)`.

        Returns:
            N×outputs×H×W, in [-1, 1]; a residual network in training does not clip.
        """
        features = self.first(images)
        encoded = [features]
        for layer in self.down:
            features = layer(features)
            encoded.append(features)
        features = self.middle(features)
        for k, layer in enumerate(self.up):
            features = layer(features, encoded[-2 - k])
        if self.full is not None:
            features = self.full(features, features)
        if self.spec.top_skip:
            features = torch.cat((features, images), dim=1)
        returned = self.last(features)
        if not self.spec.residual:
            return returned.tanh()
        corrected = images[:, : self.spec.outputs] + returned
        return corrected if self.training else corrected.clamp(-1, 1)


class _Layer(nn.Sequential):
    """Convolution, normalisation, leaky ReLU."""

    def __init__(self, into: int, out: int, spec: NetworkSpec, stride: int = 1) -> None:
        norms: dict[str, Callable[[int], nn.Module]] = {
            "none": nn.Identity,
            "batch": nn.BatchNorm2d,
            "instance": InstanceNorm,
        }
        super().__init__(
            Convolution(into, out, stride=stride),
            norms[spec.normalization](out),
            nn.LeakyReLU(0.1, inplace=True),
        )


class _Up(nn.Module):
    """Double the size, then a layer that can also get the encoder's features.

    Channels are reduced before the size is doubled: at the larger size they would cost four times as much.
    """

    def __init__(self, into: int, out: int, skipped: int, spec: NetworkSpec, *, dropout: bool) -> None:
        super().__init__()
        self.skipped, self.dropout = skipped, dropout
        if spec.upsampling == "transposed":
            self.enlarge: nn.Module = TransposedConvolution(into, out)
        elif spec.upsampling == "pixel_shuffle":
            self.enlarge = nn.Sequential(Convolution(into, 4 * out, 1), nn.PixelShuffle(2))
        else:
            smooth = spec.upsampling == "bilinear"
            enlarge = nn.Upsample(scale_factor=2, mode=spec.upsampling, align_corners=False if smooth else None)
            self.enlarge = nn.Sequential(Convolution(into, out, 1), enlarge) if into > out else enlarge
        self.layer = _Layer(out + skipped, out, spec)

    def forward(self, features: Tensor, encoded: Tensor) -> Tensor:
        features = self.enlarge(features)
        if self.skipped:
            features = torch.cat((features, encoded), dim=1)
        features = self.layer(features)
        return functional.dropout(features, DROPOUT, training=self.training) if self.dropout else features


def multiple(spec: NetworkSpec) -> int:
    """Return the number, px, that the sides of its images must be multiples of."""
    return spec.first_stride * 2**spec.levels


def discriminator(layers: int, seed: int) -> nn.Sequential:
    """Build a patch discriminator: N×3×H×W → N×1×h×w scores; higher means more natural.

    Args:
        layers: number of convolutions with stride 2.
        seed: of the weights; the global random state does not change.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts: list[nn.Module] = []
        into = 3
        for k in range(layers):
            out = 16 * 2**k
            parts += [nn.Conv2d(into, out, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
            into = out
        return nn.Sequential(*parts, nn.Conv2d(into, 1, 3, padding=1))
