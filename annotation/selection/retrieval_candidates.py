"""Choose which pairs of images to ask about: what several metrics find near, and random pairs as a floor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from bappsmith.lpips.data.decode import Pixels
from bappsmith.lpips.data.retrieval.pair_set import Pair
from bappsmith.lpips.data.square import SIZE, to_square
from bappsmith.lpips.evaluation.all_pairs import all_pairs
from bappsmith.lpips.evaluation.baselines import Metric
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress, under
from bappsmith.manifests.store.atomic import sha256_file

TOP = 10
"""Default number of nearest images per query and metric. Chosen here."""
RANDOM = 5
"""Default number of random pairs per query. Chosen here."""


def retrieval_candidates(
    folder: str | Path,
    images: Sequence[str],
    metrics: Mapping[str, Metric],
    read: Callable[[Path], Pixels],
    *,
    queries: int,
    top: int = TOP,
    random: int = RANDOM,
    seed: int = 0,
    size: int = SIZE,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> list[Pair]:
    """Choose pairs of a query and a candidate to ask people about.

    Candidates of a query are the union of the `top` nearest images of every metric, as in the procedure of Barkan et
    al. 2023, and `random` of the others. Without those, a pair that no metric finds is never judged, and scores on
    judged pairs favour the metrics that chose them.

    Args:
        folder: of the images.
        images: their names.
        metrics: name → two float batches N×3×H×W in [-1, 1] to N distances; the query comes first.
        read: function from a path to uint8 H×W×3 RGB.
        queries: number of queries, drawn at random.
        top: nearest images per query and metric.
        random: random images per query among the rest.
        seed: of all draws.
        size: images are scaled to this many px in width and height.
        device: see `find_device`.
        progress: called with ("pairs", pairs measured, all pairs).

    Returns:
        Unjudged pairs, query by query. `found_by` says which metrics found the candidate, and at which rank, or
        "random". `inclusion` is 1 for those that a metric found, else the probability to be drawn. Exact copies of the
        query are no candidates.

    Raises:
        BappsmithError: there are fewer images than queries, an image cannot be read, or a metric gives NaN.
    """
    folder = Path(folder)
    images = sorted(images)
    if not 1 <= queries <= len(images):
        raise BappsmithError(f"{folder}: {queries:,} queries of {len(images):,} images; ask for 1 to {len(images):,}")
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(len(images), queries, replace=False))
    position = {name: k for k, name in enumerate(images)}
    contents = np.array([sha256_file(folder / name) for name in images])
    measured = all_pairs(
        [images[k] for k in drawn],
        images,
        metrics,
        lambda name: to_square(read(folder / name), size),
        device=device,
        progress=under("pairs", progress),
    )
    pairs: list[Pair] = []
    for block in measured:
        for row, query in enumerate(block.queries):
            others = rng.permutation(np.flatnonzero(contents != contents[position[query]]))  # ties: random order
            found: dict[int, list[str]] = {}
            for metric, distances in block.distances.items():
                distance = distances[row][others]
                if not np.isfinite(distance).all():
                    raise BappsmithError(
                        f"metric {metric} gives no distance for {query} and some image of {folder}; leave it out"
                    )
                for rank, k in enumerate(others[np.argsort(distance, kind="stable")[:top]], 1):
                    found.setdefault(int(k), []).append(f"{metric}:{rank}")
            rest = [int(k) for k in others if int(k) not in found]
            pairs += [Pair(query, images[k], inclusion=1.0, found_by=" ".join(by)) for k, by in found.items()]
            pairs += [
                Pair(query, images[k], inclusion=min(1.0, random / len(rest)), found_by="random") for k in rest[:random]
            ]
    return pairs
