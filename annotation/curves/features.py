"""What a distance is made of: the features of a trunk, or the distances of several metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bappsmith.annotation.selection.preferences import measure_distances
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.pipeline.judging.named_metric import NamedMetric

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Features:
    """What the distances of N triplets are weighted sums of.

    Attributes:
        values: of p0 and p1 against ref, at least 0, float32 N×2×K.
        groups: number of the group of every feature, from 0, shape (K,): its layer, or itself.
    """

    values: NDArray[np.float32]
    groups: NDArray[np.intp]


def metric_features(
    dataset: Dataset,
    subset: SealedSubset,
    metrics: Sequence[NamedMetric],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Features:
    """Return the distances of metrics, each a group of its own.

    Raises:
        BappsmithError: see `measure_distances`.
    """
    measured = measure_distances(dataset, [subset], metrics, progress=progress)
    return Features(measured.transpose(0, 2, 1).astype(np.float32), np.arange(len(metrics)))


def trunk_features(
    subset: SealedSubset,
    *,
    net: str,
    trunk_weights: str,
    cache: Path | None = None,
    device: str | torch.device | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Features:
    """Return the squared differences of every channel of a trunk, grouped by layer. They are cached, as in training.

    Args:
        subset: a 2AFC subset.
        net: trunk.
        trunk_weights: file, or "pretrained".
        cache: folder for packed subsets and differences; default: beside the dataset.
        device: see `find_device`.
        progress: called with (items done, all items).

    Raises:
        BappsmithError: the weights do not fit, or the cache cannot be written.
    """
    from bappsmith.lpips.cores import all_cores
    from bappsmith.lpips.data.subset import load_subset
    from bappsmith.lpips.device import find_device
    from bappsmith.lpips.model.lpips import LPIPS
    from bappsmith.lpips.precision import full_precision
    from bappsmith.lpips.training.differences import differences

    chosen = find_device(device)
    metric = LPIPS(net, trunk_weights=trunk_weights).to(chosen)
    with all_cores(), full_precision():
        computed = differences(metric, load_subset(subset, cache=cache), device=chosen, progress=progress)
    channels = metric.trunk.channels
    return Features(computed.of_form["local"].numpy(), np.repeat(np.arange(len(channels)), channels))
