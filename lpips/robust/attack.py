"""Search for changes that turn judgments: projected gradient descent (Madry et al. 2018), for any metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.device import find_device
from bappsmith.lpips.evaluation.baselines import Metric
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.precision import full_precision
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress

from .budget import Budget
from .score import RobustScore, refuse_not_finite, refuse_unfit, robust_scores

STEP = 2.5
"""Length of a step × number of steps / radius. The search can thus cross the ball and come back."""
ZERO = 1e-12
"""Added to distances and norms before logarithms and divisions."""

MOVED = ("ref", "p0", "p1")
"""Images of a triplet, in the order in which `turn` takes them."""


@dataclass(frozen=True)
class AttackConfig:
    """Settings of an attack.

    Attributes:
        moved: the image that changes.
        steps: gradient steps of each start.
        starts: number of random starts. An item is turned if any of them turns it.
        batch: triplets at a time.
        seed: of the starts.
    """

    moved: Literal["ref", "p0", "p1"] = "ref"
    steps: int = 20
    starts: int = 1
    batch: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        if self.moved not in MOVED:
            raise BappsmithError(f"attack: moved must be ref, p0 or p1, found {self.moved!r}")
        for field in ("steps", "starts", "batch"):
            if getattr(self, field) < 1:
                raise BappsmithError(f"attack: {field} must be at least 1, found {getattr(self, field)}")


@dataclass(frozen=True)
class Attacked:
    """What an attack left.

    Attributes:
        agreement: 2AFC score of every item without a change, shape (N,).
        held: for every budget, which judgments no change that was found turns, shape (N,). Items whose score cannot
            become lower count as held.
    """

    agreement: NDArray[np.float64]
    held: dict[Budget, NDArray[np.bool_]]

    def scores(self, groups: NDArray[np.intp] | None) -> list[RobustScore]:
        """Compute the score without and with every budget; see `robust_scores`."""
        return robust_scores(self.agreement, self.held, groups)


def attack_subset(
    metric: Metric,
    subset: PackedSubset,
    budgets: Sequence[Budget],
    config: AttackConfig | None = None,
    *,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> Attacked:
    """Attack the judgments of a metric.

    Only items whose score can become lower are attacked: those where the metric agrees with most votes.

    Args:
        metric: see `baselines.Metric`; it must be differentiable.
        subset: a loaded 2AFC subset.
        budgets: changes to search.
        config: how to search; None: the defaults.
        device: see `find_device`.
        progress: called with (budget, items done, all items).

    Raises:
        BappsmithError: the subset is a JND subset, a budget is too large for the images, a distance is NaN, or the
            metric gives no gradient.
    """
    config = config or AttackConfig()
    refuse_unfit(subset, budgets)
    device = find_device(device)
    if isinstance(metric, torch.nn.Module):
        metric.to(device)
    with all_cores(), full_precision():
        d0, d1 = distances(metric, subset, device=device)
        refuse_not_finite(np.stack([d0, d1]), subset)
        agreement = two_afc_scores(d0, d1, subset.labels.numpy())
        held: dict[Budget, NDArray[np.bool_]] = {}
        turned = {"l2": np.zeros(len(subset), bool), "linf": np.zeros(len(subset), bool)}
        for budget in sorted(budgets):
            # What a smaller change turns, a larger one of the same norm turns too.
            open_items = np.flatnonzero((agreement > 0.5) & ~turned[budget.norm])
            for start in range(0, len(open_items), config.batch):
                chosen = open_items[start : start + config.batch]
                images = [image.to(device) for image in subset.take(chosen).signed(0, len(chosen))]
                generator = torch.Generator(device).manual_seed(config.seed * 1_000_003 + int(chosen[0]))
                turned[budget.norm][chosen] = turn(metric, images, budget, config, generator).cpu().numpy()
                if progress:
                    progress(budget.label, start + len(chosen), len(open_items))
            held[budget] = ~turned[budget.norm]
    return Attacked(agreement, held)


def turn(
    metric: Metric, images: Sequence[Tensor], budget: Budget, config: AttackConfig, generator: torch.Generator
) -> Tensor:
    """Search for a change within the budget that turns the judgment of each triplet, or makes it a tie.

    Every start begins at a random change, because distances of equal images have no gradient. A step goes along the
    gradient of log(d0 / d1), or of d0 - d1 where a distance is below 0, normalised in l2, or its sign in linf. The
    change is then projected into the ball, and the image clipped to valid values. Found changes are never larger than
    the budget.

    Args:
        metric: see `baselines.Metric`.
        images: ref, p0 and p1, each float N×3×H×W in [-1, 1].
        budget: the largest change.
        config: how to search.
        generator: of the random starts.

    Returns:
        Bool, shape (N,): whether a change was found.

    Raises:
        BappsmithError: the metric gives no gradient of the image that changes.
    """
    number = MOVED.index(config.moved)
    with torch.no_grad():
        side = torch.sub(*_distances(metric, images)).sign()
    turned = side == 0
    for _ in range(config.starts):
        left = (~turned).nonzero()[:, 0]
        if not len(left):
            break
        others = [image[left] for image in images]
        original, sign = others[number], side[left]
        change = _project(_random_change(original, budget, generator), original, budget)
        for step in range(config.steps + 1):
            moved = (original + change).requires_grad_()
            d0, d1 = _distances(metric, [*others[:number], moved, *others[number + 1 :]])
            turned[left] |= (d0 - d1).detach() * sign <= 0
            if step == config.steps:
                break
            gradient = _gradient((_objective(d0, d1) * sign).sum(), moved, config.moved)
            length = STEP * 2 * budget.size / config.steps  # images in [-1, 1] have twice the size
            if budget.norm == "l2":
                norms = gradient.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
                direction = gradient / (norms + ZERO)
            else:
                direction = gradient.sign()
            change = _project(change - length * direction, original, budget)
            unturned = ~turned[left]
            if not unturned.all():
                left, sign, original, change = left[unturned], sign[unturned], original[unturned], change[unturned]
                others = [image[unturned] for image in others]
                if not len(left):
                    break
    return turned


def spaced(subset: PackedSubset, items: int) -> PackedSubset:
    """Return evenly spaced items of a subset; 0, or more than there are: all of them."""
    if not 0 < items < len(subset):
        return subset
    return subset.take(np.linspace(0, len(subset) - 1, items).astype(np.int64))


def _distances(metric: Metric, images: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    ref, p0, p1 = images
    return metric(ref, p0).reshape(-1), metric(ref, p1).reshape(-1)


def _objective(d0: Tensor, d1: Tensor) -> Tensor:
    """Compute log(d0 / d1), or d0 - d1 where one of them is below 0, as in decibels. p0 is closer below 0."""
    # Values below 0 are clamped, because the gradient of their logarithm would be NaN even where it is not taken.
    log_ratio = (d0.clamp(min=0) + ZERO).log() - (d1.clamp(min=0) + ZERO).log()
    return torch.where((d0 < 0) | (d1 < 0), d0 - d1, log_ratio)


def _gradient(objective: Tensor, moved: Tensor, name: str) -> Tensor:
    (gradient,) = torch.autograd.grad(objective, moved, allow_unused=True) if objective.requires_grad else (None,)
    if gradient is None:
        raise BappsmithError(
            f"the metric gives no gradient of {name}, so it cannot be attacked; give one that is differentiable to "
            "both images, without detach, no_grad or numpy"
        )
    return gradient


def _random_change(original: Tensor, budget: Budget, generator: torch.Generator) -> Tensor:
    """Draw changes within the budget, for images in [-1, 1]."""
    size = 2 * budget.size
    if budget.norm == "linf":
        return (torch.rand(original.shape, generator=generator, device=original.device) * 2 - 1) * size
    noise = torch.randn(original.shape, generator=generator, device=original.device)
    share = torch.rand(len(original), 1, 1, 1, generator=generator, device=original.device)
    return noise / noise.flatten(1).norm(dim=1).view(-1, 1, 1, 1) * share * size


def _project(change: Tensor, original: Tensor, budget: Budget) -> Tensor:
    """Move changes into the ball, then the changed images into [-1, 1]. The second step makes no change larger."""
    size = 2 * budget.size
    if budget.norm == "linf":
        change = change.clamp(-size, size)
    else:
        norms = change.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        change = change * (size / (norms + ZERO)).clamp(max=1)
    return ((original + change).clamp(-1, 1) - original).detach()
