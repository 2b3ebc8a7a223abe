"""A small diffusion transformer (Peebles and Xie 2023) for 64×64 images, and its sampler."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

PATCH, GRID = 8, 8
"""Side of the patch that one token stands for, px; tokens along a side."""


class Block(nn.Module):
    """Attention and a multilayer perceptron, scaled and shifted by the noise level (adaLN-Zero)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.attention = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, tokens: Tensor, level: Tensor) -> Tensor:
        """Transform N×T×C tokens, given N×C embeddings of the noise level."""
        shift0, scale0, gate0, shift1, scale1, gate1 = self.modulation(level)[:, None].chunk(6, dim=2)
        count, length, width = tokens.shape
        parts = self.attention(self.norm(tokens) * (1 + scale0) + shift0)
        query, key, value = parts.view(count, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value)
        tokens = tokens + gate0 * self.out(attended.transpose(1, 2).reshape(count, length, width))
        return tokens + gate1 * self.mlp(self.norm(tokens) * (1 + scale1) + shift1)


class DiffusionTransformer(nn.Module):
    """Predict the clean image from a noisy one. Condition features are added to the tokens of their places.

    A network this small has fewer channels than a patch has values, so it predicts the image, which has structure,
    instead of the noise, which has none. Two convolutions at the end smooth the borders of patches.

    Args:
        condition: channels of the condition.
        width: channels of tokens.
        depth: number of blocks.
    """

    def __init__(self, condition: int, width: int = 128, depth: int = 4) -> None:
        super().__init__()
        self.place = nn.Parameter(0.02 * torch.randn(1, GRID * GRID, width))
        self.noisy = nn.Linear(3 * PATCH**2, width)
        self.condition = nn.Sequential(nn.LayerNorm(condition), nn.Linear(condition, width))
        self.level = nn.Sequential(nn.Linear(64, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.blocks = nn.ModuleList(Block(width, 4) for _ in range(depth))
        self.last = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 3 * PATCH**2))
        self.smooth = nn.Sequential(nn.Conv2d(6, 24, 3, padding=1), nn.SiLU(), nn.Conv2d(24, 3, 3, padding=1))

    def forward(self, noisy: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """Predict clean images.

        Args:
            noisy: N×3×64×64.
            time: noise levels in [0, 1], shape (N,); 1 is noise alone.
            condition: N×64×C features.

        Returns:
            N×3×64×64.
        """
        frequencies = torch.exp(torch.linspace(0, math.log(1000), 32, device=time.device))
        angles = time[:, None] * frequencies
        level = self.level(torch.cat([angles.sin(), angles.cos()], dim=1))
        tokens = functional.pixel_unshuffle(noisy, PATCH).flatten(2).transpose(1, 2)
        tokens = self.noisy(tokens) + self.condition(condition) + self.place
        for block in self.blocks:
            tokens = block(tokens, level)
        grid = self.last(tokens).transpose(1, 2).unflatten(2, (GRID, GRID))
        image = functional.pixel_shuffle(grid, PATCH)
        return image + self.smooth(torch.cat([image, noisy], dim=1))


def add_noise(images: Tensor, time: Tensor, noise: Tensor) -> Tensor:
    """Mix images and noise: cos(πt/2) · image + sin(πt/2) · noise, for noise levels of shape (N,)."""
    angle = (time * math.pi / 2).view(-1, 1, 1, 1)
    return angle.cos() * images + angle.sin() * noise


def noise_loss(images: Tensor, predicted: Tensor, time: Tensor) -> Tensor:
    """Compute the squared error of noise and image together, with weights of at most 5; shape (N,).

    The noise that a predicted image implies is wrong by cos/sin times the error of the image, so its squared error is
    the signal-to-noise ratio times that of the image. Alone, it would teach nothing at the noisiest levels, where an
    image gets its large shapes. With the error of the image, the weight is the ratio plus 1: the loss of the velocity
    (Salimans and Ho 2022). It is clipped at 5 (min-SNR-γ, Hang et al. 2023).
    """
    angle = time * math.pi / 2
    weight = ((angle.cos() / angle.sin().clamp(min=1e-3)).square() + 1).clamp(max=5)
    return weight * (images - predicted).square().mean(dim=(1, 2, 3))


def sample(network: nn.Module, condition: Tensor, noise: Tensor, steps: int) -> Tensor:
    """Draw images by DDIM (Song et al. 2021) without random steps: N×3×64×64 in [-1, 1]."""
    image = noise
    times = torch.linspace(1, 0, steps + 1, device=noise.device)
    for now, after in pairwise(times):
        clean = network(image, now.expand(len(image)), condition).clamp(-1, 1)
        angle, next_angle = now * math.pi / 2, after * math.pi / 2
        implied = (image - angle.cos() * clean) / angle.sin()
        image = next_angle.cos() * clean + next_angle.sin() * implied
    return image.clamp(-1, 1)
