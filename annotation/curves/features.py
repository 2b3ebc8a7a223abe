"""What a distance is made of: the features of a trunk, or the distances of several metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bappsmith.annotation.selection.preferences import measure_distances
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.pipeline.judging.named_metric import NamedMetric


def metric_features(
    dataset: Dataset,
    subset: SealedSubset,
    metrics: Sequence[NamedMetric],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Return the distances of M metrics, each divided by its mean, N×2×M.

    Raises:
        BappsmithError: see `measure_distances`.
    """
    measured = measure_distances(dataset, [subset], metrics, progress=progress)
    means = measured.mean(axis=(0, 2), keepdims=True)
    return (measured / np.where(means > 0, means, 1)).transpose(0, 2, 1).astype(np.float32)


def trunk_features(
    subset: SealedSubset,
    *,
    net: str,
    trunk_weights: str,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Return the squared differences of every channel of a trunk, N×2×C. They are cached, as in training.

    Raises:
        BappsmithError: the weights do not fit, or the cache cannot be written.
    """
    from bappsmith.lpips.cores import all_cores
    from bappsmith.lpips.data.subset import load_subset
    from bappsmith.lpips.model.lpips import LPIPS
    from bappsmith.lpips.training.differences import differences

    metric = LPIPS(net, trunk_weights=trunk_weights)
    with all_cores():
        computed = differences(metric, load_subset(subset, cache=cache), progress=progress)
    return computed.of_form["local"].numpy()
