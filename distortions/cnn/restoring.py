"""The space of networks that restore a degraded patch."""

from __future__ import annotations

from bappsmith.distortions.random import Draws

from .spec import NetworkSpec

_TASKS = 1 << 40
"""Streams apart from those of denoisers."""


def restoring_spec(
    task: str,
    seed: int,
    index: int,
    attempt: int,
    *,
    features: bool,
    steps: tuple[int, int],
    levels: tuple[int, ...] = (1, 2),
) -> NetworkSpec:
    """Draw the `index`-th network of a bank that restores. It returns a correction of its input.

    The losses take turns, so that a small bank has all: ℓ1 alone (smooth), features of a trained trunk (crisp, with a
    pattern), adversarial (invented detail), and all together. Without a trunk, MS-SSIM takes its place.

    Args:
        task: name of the task.
        seed: of the bank.
        index: position in it.
        attempt: number of networks that were rejected at this position before.
        features: whether a trained trunk is given for the feature loss.
        steps: fewest and most training steps, drawn log-uniformly.
        levels: numbers of levels to draw from.
    """
    draws = Draws(seed, _TASKS + index * 64 + attempt)
    losses = ("l1", "features", "adversarial", "all")[index % 4]
    perceptual = draws.uniform(0.5, 2.0) if losses in ("features", "all") else 0.0
    adversarial = draws.uniform(0.05, 0.2) if losses in ("adversarial", "all") else 0.0
    depth = draws.choice(levels)
    first = draws.choice((12, 16))
    return NetworkSpec(
        corruption="none",
        amount=0.0,
        levels=depth,
        skips=depth,
        top_skip=draws.integer(2) == 0,
        dropout_layers=0,
        upsampling=draws.choice(("nearest", "bilinear", "transposed", "pixel_shuffle")),
        normalization="none",
        first_stride=1,
        first_width=first,
        largest_width=first * 2,
        discriminator_layers=draws.choice((2, 3)) if adversarial else 0,
        l1_weight=1.0 if losses in ("l1", "adversarial") else 0.3,
        feature_weight=round(perceptual, 4) if features else 0.0,
        discriminator_weight=round(adversarial, 4),
        ms_ssim_weight=0.0 if features else round(perceptual, 4),
        learning_rate=round(1e-3 * 3 ** draws.uniform(), 6),
        steps=round(steps[0] * (steps[1] / steps[0]) ** draws.uniform()),
        seed=draws.sub_seed(),
        task=task,
        residual=True,
    )
