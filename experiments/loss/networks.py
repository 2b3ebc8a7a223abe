"""Autoencoders and a network for super-resolution, for 64×64 images in [-1, 1]."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Architecture = Literal["convolutional", "residual", "dense"]
ARCHITECTURES: tuple[Architecture, ...] = ("convolutional", "residual", "dense")
GRID = 8
"""Side of the code: 64×64×3 → 8×8×C → 64×64×3."""


class Autoencoder(nn.Module):
    """An encoder and a decoder, with a code of 8×8×C numbers.

    Args:
        architecture: "convolutional" (strided convolutions, nearest enlargement), "residual" (the same with a shortcut
            around each pair of convolutions), or "dense" (fully connected, one hidden layer on each side).
        width: channels after the first convolution, doubled three times; dense: 64 × this many hidden units.
        code: channels C of the code.
        stochastic: whether the code is drawn from a normal distribution that the encoder gives, as in variational
            autoencoders (Kingma and Welling 2014). In evaluation, its mean is taken.
    """

    def __init__(self, architecture: Architecture, width: int, code: int, *, stochastic: bool = False) -> None:
        super().__init__()
        self.stochastic = stochastic
        parts = {"convolutional": _convolutional, "residual": _residual, "dense": _dense}[architecture]
        self.encoder, self.decoder = parts(width, code * (2 if stochastic else 1), code)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return N×3×64×64 outputs, and the Kullback–Leibler divergence of each code from a standard normal, (N,)."""
        code = self.encoder(images)
        if not self.stochastic:
            return self.decoder(code).tanh(), code.new_zeros(len(code))
        mean, log_variance = code.chunk(2, dim=1)
        log_variance = log_variance.clamp(-8, 8)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=(1, 2, 3))
        if self.training:
            mean = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        return self.decoder(mean).tanh(), divergence

    def codes(self, images: Tensor) -> Tensor:
        """Return the codes of images (of a stochastic one, their means): N×(64·C)."""
        code = self.encoder(images)
        return (code.chunk(2, dim=1)[0] if self.stochastic else code).flatten(1)


class SuperResolution(nn.Module):
    """Restore images that were reduced four times and enlarged again (after SRCNN, Dong et al. 2014): a correction."""

    def __init__(self, width: int) -> None:
        super().__init__()
        last = nn.Conv2d(2 * width, 3, 5, padding=2)
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(
            nn.Conv2d(3, 4 * width, 9, padding=4), nn.ReLU(), nn.Conv2d(4 * width, 2 * width, 1), nn.ReLU(), last
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return N×3×64×64 outputs for whole images, which are reduced here, and zeros, (N,)."""
        small = functional.interpolate(images, scale_factor=0.25, mode="bicubic", antialias=True)
        enlarged = functional.interpolate(small, scale_factor=4, mode="bicubic")
        return (enlarged + self.layers(enlarged)).clamp(-1.2, 1.2), images.new_zeros(len(images))


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        last = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(nn.ReLU(), nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), last)

    def forward(self, features: Tensor) -> Tensor:
        return features + self.layers(features)


def _block(into: int, out: int) -> list[nn.Module]:
    return [nn.Conv2d(into, out, 3, padding=1), nn.ReLU()]


def _convolutional(width: int, encoded: int, code: int) -> tuple[nn.Sequential, nn.Sequential]:
    down: list[nn.Module] = [*_block(3, width)]
    for level in range(3):
        wide = width * 2**level
        down += [nn.Conv2d(wide, 2 * wide, 4, stride=2, padding=1), nn.ReLU(), *_block(2 * wide, 2 * wide)]
    down += [nn.Conv2d(8 * width, encoded, 1)]
    up: list[nn.Module] = [*_block(code, 8 * width)]
    for level in (2, 1, 0):
        wide = width * 2**level
        up += [nn.Upsample(scale_factor=2), *_block(2 * wide, wide), *_block(wide, wide)]
    return nn.Sequential(*down), nn.Sequential(*up, nn.Conv2d(width, 3, 3, padding=1))


def _residual(width: int, encoded: int, code: int) -> tuple[nn.Sequential, nn.Sequential]:
    down: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1)]
    for level in range(3):
        wide = width * 2**level
        down += [nn.Conv2d(wide, 2 * wide, 4, stride=2, padding=1), _Residual(2 * wide)]
    down += [nn.ReLU(), nn.Conv2d(8 * width, encoded, 1)]
    up: list[nn.Module] = [nn.Conv2d(code, 8 * width, 3, padding=1)]
    for level in (2, 1, 0):
        wide = width * 2**level
        up += [nn.Upsample(scale_factor=2), nn.Conv2d(2 * wide, wide, 3, padding=1), _Residual(wide)]
    return nn.Sequential(*down), nn.Sequential(*up, nn.ReLU(), nn.Conv2d(width, 3, 3, padding=1))


def _dense(width: int, encoded: int, code: int) -> tuple[nn.Sequential, nn.Sequential]:
    pixels, hidden, cells = 3 * 64 * 64, 64 * width, GRID * GRID
    encoder = nn.Sequential(
        nn.Flatten(),
        nn.Linear(pixels, hidden),
        nn.ReLU(),
        nn.Linear(hidden, encoded * cells),
        nn.Unflatten(1, (encoded, GRID, GRID)),
    )
    decoder = nn.Sequential(
        nn.Flatten(),
        nn.Linear(code * cells, hidden),
        nn.ReLU(),
        nn.Linear(hidden, pixels),
        nn.Unflatten(1, (3, 64, 64)),
    )
    return encoder, decoder
