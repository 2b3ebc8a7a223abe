"""Measure the distances of queries from every image of a gallery, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.decode import Pixels
from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.model.forms import split
from bappsmith.lpips.model.lpips import LPIPS

from .baselines import Metric
from .compare import BATCH_PIXELS

QUERIES = 32
"""Queries at a time. The gallery is read once for each."""


@dataclass(frozen=True, slots=True)
class Block:
    """The distances of some queries.

    Attributes:
        queries: their names.
        distances: metric → float32, shape (queries, gallery).
    """

    queries: Sequence[str]
    distances: dict[str, NDArray[np.float32]]


def all_pairs(
    queries: Sequence[str],
    gallery: Sequence[str],
    metrics: Mapping[str, Metric],
    read: Callable[[str], Pixels],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Block]:
    """Measure the distances of all queries from all images of a gallery, some queries at a time.

    A metric of type LPIPS runs its trunk once per image and block; other metrics run on every pair.

    Args:
        queries: names of images.
        gallery: names of images; a query among them is measured against itself too.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances; the query comes first.
        read: function from a name to uint8 H×W×3. All images have one size.
        progress: called with (pairs done, all pairs).

    Raises:
        BappsmithError: an image cannot be read.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    for first in range(0, len(queries), QUERIES):
        names = queries[first : first + QUERIES]
        with all_cores(), torch.inference_mode():
            images = to_signed(torch.from_numpy(np.stack([read(name) for name in names]))).to(device)
            from_queries = {label: _from_queries(metric, images) for label, metric in metrics.items()}
            columns: dict[str, list[NDArray[np.float32]]] = {label: [] for label in metrics}
            step, done = max(1, BATCH_PIXELS // (images.shape[2] * images.shape[3])), 0
            while done < len(gallery):
                batch = [read(name) for name in gallery[done : done + step]]
                others = to_signed(torch.from_numpy(np.stack(batch))).to(device)
                for label, measure in from_queries.items():
                    columns[label].append(measure(others).float().cpu().numpy())
                done += len(batch)
                if progress:
                    progress(first * len(gallery) + len(names) * done, len(queries) * len(gallery))
        yield Block(names, {label: np.concatenate(parts, axis=1) for label, parts in columns.items()})


def _from_queries(metric: Metric, images: Tensor) -> Callable[[Tensor], Tensor]:
    """Return the function from a batch of N images to their distances from every query, Q×N."""
    if isinstance(metric, torch.nn.Module):
        metric.to(images.device)
    if isinstance(metric, LPIPS) and not metric.spatial:
        features = split(metric.features(images), [1] * len(images))

        def measure(others: Tensor) -> Tensor:
            theirs = metric.features(others)
            return torch.stack([metric.weigh(metric.differences(one, theirs)) for one in features])

        return measure
    return lambda others: torch.stack([metric(one.expand_as(others), others).reshape(-1) for one in images[:, None]])
