"""Certify judgments: which ones no change of the reference up to a radius can turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.subset import PackedSubset
from bappsmith.lpips.device import find_device
from bappsmith.lpips.evaluation.baselines import BASELINES, Metric
from bappsmith.lpips.evaluation.metrics import NETWORKS
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.model.checkpoint import load_metric
from bappsmith.lpips.model.named import shipped_metrics
from bappsmith.lpips.precision import full_precision
from bappsmith.manifests.errors import BappsmithError

from .budget import Budget
from .lipschitz_metric import LipschitzMetric, Pixels
from .radius import Radii, certified_radii
from .score import RobustScore, refuse_jnd, refuse_not_finite, robust_scores

Moved: TypeAlias = Literal["ref", "p0", "p1", "all"]
"""What may change: one image of a triplet, or all three, each by as much."""


@dataclass(frozen=True)
class Certified:
    """Judgments of a metric, and how much change they are certified to survive.

    Attributes:
        distances: of p0 and of p1 from ref, and of p1 from p0, float64 (N, 3), of images in [0, 1].
        radii: l2 radii.
        lipschitz_constant: of the embedding.
        values: number of values of an image, 3·H·W.
    """

    distances: NDArray[np.float64]
    radii: Radii
    lipschitz_constant: float
    values: int

    def held(self, budget: Budget, moved: Moved = "ref") -> NDArray[np.bool_]:
        """Tell which judgments no change within the budget turns, shape (N,).

        A change by at most ε in linf is one by at most ε·√(3·H·W) in l2.

        Raises:
            BappsmithError: `moved` is not one of `Moved`.
        """
        of = {"ref": self.radii.ref, "p0": self.radii.patch, "p1": self.radii.patch, "all": self.radii.all}
        if moved not in of:
            raise BappsmithError(f"moved must be ref, p0, p1 or all, found {moved!r}")
        l2 = budget.size * (sqrt(self.values) if budget.norm == "linf" else 1)
        return of[moved] > l2


def lipschitz_metric(metric: Metric, name: str) -> LipschitzMetric:
    """Return the metric as an embedding with a Lipschitz constant.

    Args:
        metric: a metric of `find_metric`.
        name: its name, for the error.

    Raises:
        BappsmithError: it has no known Lipschitz constant.
    """
    if metric is BASELINES["l2"]:
        return Pixels()
    if isinstance(metric, LipschitzMetric):
        return metric
    raise _no_constant(name)


def find_lipschitz_metric(name: str) -> LipschitzMetric:
    """Find a metric with a Lipschitz constant. Nothing is downloaded.

    Args:
        name: "l2", or the path of a metric of `train_certified`.

    Raises:
        BappsmithError: the metric has no known Lipschitz constant; or the file is missing or damaged.
    """
    if name == "l2":
        return Pixels()
    named = name in (*BASELINES, *NETWORKS, *shipped_metrics())
    if named or not (Path(name).suffix == ".safetensors" or Path(name).exists()):
        raise _no_constant(name)
    return lipschitz_metric(load_metric(name), name)


def _no_constant(name: str) -> BappsmithError:
    return BappsmithError(
        f"metric {name} cannot be certified: it has no known Lipschitz constant; use l2, or a metric of "
        "`bappsmith train --mode certified`"
    )


def certify(
    metric: LipschitzMetric,
    subset: PackedSubset,
    *,
    batch: int = 128,
    device: str | torch.device | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Certified:
    """Compute the certified radii of all judgments on a 2AFC subset.

    Args:
        metric: an embedding with a Lipschitz constant.
        subset: a loaded subset.
        batch: number of triplets at a time.
        device: see `find_device`.
        progress: called with (done, total).

    Raises:
        BappsmithError: the metric has no known Lipschitz constant, the subset is a JND subset, or a distance is NaN.
    """
    metric = lipschitz_metric(metric, getattr(metric, "__name__", type(metric).__name__))
    refuse_jnd(subset)
    device = find_device(device)
    metric.to(device)
    rows, done = [], 0
    with torch.inference_mode(), all_cores(), full_precision():
        for images, labels in subset.batches(batch):
            ref, p0, p1 = (metric.embedding(images[name].to(device)).double() for name in ("ref", "p0", "p1"))
            pairs = ((ref, p0), (ref, p1), (p0, p1))
            rows.append(torch.stack([(one - two).square().sum(dim=1) for one, two in pairs], dim=1).cpu().numpy())
            done += len(labels)
            if progress:
                progress(done, len(subset))
    distances = np.concatenate(rows)
    refuse_not_finite(distances, subset)
    constant = metric.lipschitz_constant()
    d0, d1, between = distances.T
    values = int(np.prod(subset.pixels.shape[2:]))
    return Certified(distances, certified_radii(d0, d1, between, constant), constant, values)


def certified_scores(
    certified: Certified,
    judge: NDArray[np.floating],
    groups: NDArray[np.intp] | None,
    budgets: Sequence[Budget],
    moved: Moved = "ref",
) -> list[RobustScore]:
    """Compute the natural score, and that which is certified for every budget.

    Args:
        certified: of a subset.
        judge: its shares of votes for p1, shape (N,).
        groups: number of the photograph of every item, shape (N,); None: not known.
        budgets: changes to certify against.
        moved: what may change.

    Raises:
        BappsmithError: a budget is too large for the images, or `moved` is not one of `Moved`.
    """
    for budget in budgets:
        budget.refuse_too_large(certified.values)
    d0, d1, _ = certified.distances.T
    agreement = two_afc_scores(d0, d1, judge)
    held = {budget: certified.held(budget, moved) for budget in budgets}
    return robust_scores(agreement, held, groups)
