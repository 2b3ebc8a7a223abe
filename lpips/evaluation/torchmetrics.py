"""Metrics for loops of torchmetrics, an optional package: `pip install 'bappsmith[torchmetrics]'`.

They sum over batches and processes, and reset, as torchmetrics and Lightning expect.
"""

from __future__ import annotations

from torch import Tensor, no_grad, tensor

from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

try:
    from torchmetrics import Metric
except ImportError as error:
    raise BappsmithError("torchmetrics is not installed: pip install 'bappsmith[torchmetrics]'") from error


class PerceptualDistance(Metric):
    """Mean distance of image pairs.

    Args:
        metric: the distance. It stays in evaluation mode.
        normalize: whether images are in [0, 1] instead of [-1, 1].
    """

    is_differentiable = True
    higher_is_better = False
    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self, metric: LPIPS, *, normalize: bool = False) -> None:
        super().__init__()
        self.metric, self.normalize = metric.eval(), normalize
        self.add_state("total", tensor(0.0), dist_reduce_fx="sum")
        self.add_state("count", tensor(0), dist_reduce_fx="sum")

    def update(self, image0: Tensor, image1: Tensor) -> None:
        """Add a batch.

        Args:
            image0: N×3×H×W float in [-1, 1], or [0, 1] with `normalize`.
            image1: the same shape.

        Raises:
            BappsmithError: an image is not such a tensor; see `LPIPS.forward`.
        """
        distances = self.metric(image0, image1, normalize=self.normalize)
        self.total = self.total + distances.mean(dim=(1, 2, 3)).sum()
        self.count = self.count + len(distances)

    def compute(self) -> Tensor:
        """Return the mean distance of all pairs, a scalar; NaN without a pair."""
        return self.total / self.count


class TwoAFC(Metric):
    """2AFC score: mean share of people who chose the patch that the distance finds closer (Zhang et al. 2018).

    Args:
        metric: the distance. It stays in evaluation mode.
        normalize: whether images are in [0, 1] instead of [-1, 1].
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self, metric: LPIPS, *, normalize: bool = False) -> None:
        super().__init__()
        self.metric, self.normalize = metric.eval(), normalize
        self.add_state("total", tensor(0.0), dist_reduce_fx="sum")
        self.add_state("count", tensor(0), dist_reduce_fx="sum")

    @no_grad()
    def update(self, ref: Tensor, p0: Tensor, p1: Tensor, judge: Tensor) -> None:
        """Add a batch.

        Args:
            ref: N×3×H×W float in [-1, 1], or [0, 1] with `normalize`.
            p0: the same shape.
            p1: the same shape.
            judge: share of votes for p1, N values in [0, 1].

        Raises:
            BappsmithError: an image is not such a tensor; see `LPIPS.forward`.
        """
        d0, d1 = (self.metric(ref, p, normalize=self.normalize).mean(dim=(1, 2, 3)) for p in (p0, p1))
        judge = judge.reshape(-1).to(d0)
        scores = (d0 < d1) * (1 - judge) + (d1 < d0) * judge + (d0 == d1) * 0.5
        self.total = self.total + scores.sum()
        self.count = self.count + len(scores)

    def compute(self) -> Tensor:
        """Return the score of all triplets in [0, 1], a scalar; NaN without a triplet."""
        return self.total / self.count
