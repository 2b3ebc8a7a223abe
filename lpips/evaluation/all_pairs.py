"""Measure the distances of queries from every image of a gallery, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bappsmith.lpips.cores import all_cores
from bappsmith.lpips.data.decode import Pixels
from bappsmith.lpips.data.subset import to_signed
from bappsmith.lpips.device import find_device
from bappsmith.lpips.model.embedding import is_embedding
from bappsmith.lpips.model.forms import split
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.precision import full_precision
from bappsmith.lpips.robust.lipschitz_metric import LipschitzMetric
from bappsmith.manifests.errors import BappsmithError

from .baselines import Metric
from .compare import BATCH_PIXELS
from .squared_distances import squared_distances

QUERIES = 32
"""Queries at a time, if a metric is no embedding. The gallery is read once for each."""
VECTOR_BYTES = 2**30
"""Memory for the vectors of queries at a time, if all metrics are embeddings, bytes: 8,400 images of 64×64, AlexNet."""
GALLERY = 1024
"""Images of the gallery at a time, if all metrics are embeddings."""


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
    device: str | torch.device | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Block]:
    """Measure the distances of all queries from all images of a gallery, some queries at a time.

    A metric that is an embedding (see `LPIPS.embedding`; certified metrics are) runs once per image and block, and
    measures a block by a matrix product. Other metrics of type LPIPS run their trunk once per image and block; all
    others run on every pair.

    Args:
        queries: names of images.
        gallery: names of images; a query among them is measured against itself too.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances; the query comes first.
        read: function from a name to uint8 H×W×3. All images have one size.
        device: see `find_device`.
        progress: called with (pairs done, all pairs).

    Raises:
        BappsmithError: an image cannot be read, or has another size than the first one.
    """
    if not queries:
        return
    device = find_device(device)
    shape = read(queries[0]).shape

    def load(names: Sequence[str]) -> Tensor:
        images = [read(name) for name in names]
        for name, image in zip(names, images, strict=True):
            if image.shape != shape:
                sizes = " and ".join(f"{one[1]}×{one[0]}" for one in (shape, image.shape))
                raise BappsmithError(f"{queries[0]} and {name} differ in size: {sizes} px; resize one of them")
        return to_signed(torch.from_numpy(np.stack(images))).to(device)

    batch = max(1, BATCH_PIXELS // (shape[0] * shape[1]))
    for metric in metrics.values():
        if isinstance(metric, torch.nn.Module):
            metric.to(device)
    embeddings = {label: one for label, one in metrics.items() if _has_vectors(one)}
    by_vectors = len(embeddings) == len(metrics)
    with torch.inference_mode():
        length = sum(metric.embedding(load(queries[:1])).shape[1] for metric in embeddings.values())
    at_a_time = max(QUERIES, VECTOR_BYTES // (4 * length)) if by_vectors else QUERIES
    step = min(GALLERY, max(batch, at_a_time)) if by_vectors else batch
    for first in range(0, len(queries), at_a_time):
        names = queries[first : first + at_a_time]
        with all_cores(), full_precision(), torch.inference_mode():
            vectors = {label: _vectors(metric, names, load, batch) for label, metric in embeddings.items()}
            if by_vectors and list(names) == list(gallery):
                distances = {label: squared_distances(rows).cpu().numpy() for label, rows in vectors.items()}
                if progress:
                    progress(len(names) ** 2, len(names) ** 2)
                yield Block(names, distances)
                continue
            others = {label: metric for label, metric in metrics.items() if label not in embeddings}
            from_queries = {label: _from_queries(metric, load(names)) for label, metric in others.items()}
            distances = {label: np.empty((len(names), len(gallery)), np.float32) for label in metrics}
            done = 0
            while done < len(gallery):
                compared = gallery[done : done + step]
                columns = slice(done, done + len(compared))
                for label, metric in embeddings.items():
                    theirs = _vectors(metric, compared, load, batch)
                    distances[label][:, columns] = squared_distances(vectors[label], theirs).cpu().numpy()
                for label, measure in from_queries.items():
                    distances[label][:, columns] = measure(load(compared)).float().cpu().numpy()
                done += len(compared)
                if progress:
                    progress(first * len(gallery) + len(names) * done, len(queries) * len(gallery))
        yield Block(names, distances)


def _has_vectors(metric: Metric) -> TypeGuard[LPIPS | LipschitzMetric]:
    return isinstance(metric, LipschitzMetric) or (isinstance(metric, LPIPS) and is_embedding(metric))


def _vectors(
    metric: LPIPS | LipschitzMetric, names: Sequence[str], load: Callable[[Sequence[str]], Tensor], batch: int
) -> Tensor:
    """Compute the embedding of images, N×D, some images at a time."""
    vectors: Tensor | None = None
    for start in range(0, len(names), batch):
        part = metric.embedding(load(names[start : start + batch]))
        vectors = part.new_empty((len(names), part.shape[1])) if vectors is None else vectors
        vectors[start : start + len(part)] = part
    return torch.empty(0) if vectors is None else vectors


def _from_queries(metric: Metric, images: Tensor) -> Callable[[Tensor], Tensor]:
    """Return the function from a batch of N images to their distances from every query, Q×N."""
    if isinstance(metric, LPIPS) and not metric.spatial:
        features = split(metric.features(images), [1] * len(images))

        def measure(others: Tensor) -> Tensor:
            theirs = metric.features(others)
            return torch.stack([metric.weigh(metric.differences(one, theirs)) for one in features])

        return measure
    return lambda others: torch.stack([metric(one.expand_as(others), others).reshape(-1) for one in images[:, None]])
