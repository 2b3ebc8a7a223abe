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


class _Mean(Metric):
    """Mean of one number per pair or triplet.

    Args:
        metric: the distance. It stays in evaluation mode.
        normalize: whether images are in [0, 1] instead of [-1, 1].
    """

    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self, metric: LPIPS, *, normalize: bool = False) -> None:
        super().__init__()
        self.metric, self.normalize = metric.eval(), normalize
        self.add_state("total", tensor(0.0), dist_reduce_fx="sum")
        self.add_state("count", tensor(0), dist_reduce_fx="sum")

    def compute(self) -> Tensor:
        """Return the mean of all updates, a scalar; NaN without any."""
        return self.total / self.count

    def _distances(self, image0: Tensor, image1: Tensor) -> Tensor:
        return self.metric(image0, image1, normalize=self.normalize).mean(dim=(1, 2, 3))

    def _add(self, values: Tensor) -> None:
        self.total = self.total + values.sum()
        self.count = self.count + len(values)


class PerceptualDistance(_Mean):
    """Mean distance of image pairs.

    Args:
        metric: the distance. It stays in evaluation mode.
        normalize: whether images are in [0, 1] instead of [-1, 1].

    Examples:
        >>> import torch
        >>> from bappsmith.lpips import LPIPS
        >>> distance = PerceptualDistance(LPIPS("alex", trunk_weights=0), normalize=True)
        >>> images = torch.rand(2, 3, 64, 64)
        >>> distance.update(images, images)
        >>> distance.compute().item()
        0.0
    """

    is_differentiable = True
    higher_is_better = False

    def update(self, image0: Tensor, image1: Tensor) -> None:
        """Add a batch.

        Args:
            image0: N×3×H×W float in [-1, 1], or [0, 1] with `normalize`.
            image1: the same shape.

        Raises:
            BappsmithError: an image is not such a tensor; see `LPIPS.forward`.
        """
        self._add(self._distances(image0, image1))


class TwoAFC(_Mean):
    """2AFC score: mean share of people who chose the patch that the distance finds closer (Zhang et al. 2018).

    Args:
        metric: the distance. It stays in evaluation mode.
        normalize: whether images are in [0, 1] instead of [-1, 1].

    Examples:
        >>> import torch
        >>> from bappsmith.lpips import LPIPS
        >>> score = TwoAFC(LPIPS("alex", trunk_weights=0))
        >>> ref, other = torch.zeros(1, 3, 64, 64), torch.ones(1, 3, 64, 64)
        >>> score.update(ref, ref, other, torch.tensor([0.25]))  # three of four votes for p0
        >>> score.compute().item()
        0.75
    """

    is_differentiable = False
    higher_is_better = True

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
        d0, d1 = self._distances(ref, p0), self._distances(ref, p1)
        judge = judge.reshape(-1).to(d0)
        self._add((d0 < d1) * (1 - judge) + (d1 < d0) * judge + (d0 == d1) * 0.5)
