"""A metric with a fixed target, whose features are computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .images import refuse_pair

if TYPE_CHECKING:
    from .lpips import LPIPS


class Against:
    """Distances from a fixed target; `LPIPS.against` makes it.

    It keeps what the trunk made of the target. Heads are those of the metric at every call. Make it again after the
    trunk has changed.
    """

    def __init__(self, metric: LPIPS, target: Tensor, *, normalize: bool) -> None:
        self._metric, self._target, self._normalize = metric, target.detach(), normalize
        # A backward pass could not use tensors of inference mode.
        with torch.inference_mode(False), torch.no_grad():
            self._taps = metric.activations(2 * target.clone() - 1 if normalize else target.clone())

    def __call__(self, image: Tensor) -> Tensor:
        """Compute the distances of images from the target, differentiable with respect to the images.

        Args:
            image: N×3×H×W float, with the range of the target. N is that of the target, or one of both is 1.

        Returns:
            What `LPIPS.forward` returns for the target and these images.

        Raises:
            BappsmithError: the image is not such a tensor.
        """
        metric = self._metric
        refuse_pair(self._target, image)
        taps = metric.activations_of(2 * image - 1 if self._normalize else image)
        return metric.distance_of(self._taps, taps, image.shape[2:])
