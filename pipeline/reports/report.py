"""Write the report of a dataset: the viewer of its items, and an overview with contact sheets."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.registry import operators
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.viewer.items import ViewerItems, origins
from bappsmith.manifests.viewer.page import ONE_FILE_PIXELS, write_viewer

from .choose import choose_items, share_out
from .overview import OVERVIEW, write_overview

if TYPE_CHECKING:
    from bappsmith.lpips.evaluation.baselines import Metric

MOST_ITEMS = 100_000
"""Number of items that one page shows at most. Browsers limit the height of a page."""


def write_report(
    root: str | Path,
    out: str | Path,
    *,
    items: int | None = None,
    metrics: Mapping[str, Metric] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write `index.html`, the viewer of items, and `overview.html`, counts and contact sheets.

    Items are chosen evenly over subsets and operators. Subsets of val come first: scores are about them.

    Args:
        root: folder or address of a finished dataset; nothing is written there.
        out: folder for the report.
        items: number of items to show. None: as many as the page holds in itself, 1,000 triplets of 64 px.
            Pictures of more are files in the folder `pictures`.
        metrics: name → metric whose votes are compared with the judgments.
        progress: called with (what is done, done, total).

    Returns:
        The path of index.html.

    Raises:
        BappsmithError: the dataset is not finished, or more than `MOST_ITEMS` items are asked for.
    """
    if items is not None and items > MOST_ITEMS:
        raise BappsmithError(f"a page shows at most {MOST_ITEMS:,} items, asked for {items:,}; give fewer with --items")
    dataset, out = Dataset(root), Path(out)
    seal = dataset.finished
    report = progress or (lambda what, done, total: None)
    write_overview(root, out, report)
    subsets = sorted(dataset.subsets(), key=lambda subset: subset.path.split != "val")
    if items is None:
        items = ONE_FILE_PIXELS // (3 * seal.recipe.patch**2)
    shares = share_out(items, [len(subset) for subset in subsets])
    chosen = [choose_items(subset, share) for subset, share in zip(subsets, shares, strict=True)]
    parts = [
        _items(root, subset, indices, metrics or {}, report)
        for subset, indices in zip(subsets, chosen, strict=True)
        if indices
    ]
    total = sum(map(len, parts))
    report("pictures", 0, total)
    path = out / "index.html"
    write_viewer(
        path,
        seal.recipe.name,
        parts,
        families={name: operator.family for name, operator in operators().items()},
        notes=[seal.recipe.context, f"Fingerprint {seal.fingerprint[:16]}."],
        links={"Overview": OVERVIEW},
        progress=lambda done: report("pictures", done, total),
    )
    return path


def _items(
    root: str | Path, subset: SealedSubset, indices: list[int], metrics: Mapping[str, Metric], report: Progress
) -> ViewerItems:
    photos, chains = origins(subset, indices)
    names = [subset.labelling, *(name for name in subset.labellings() if name != subset.labelling)]
    positions = np.array(indices, np.int64)
    return ViewerItems(
        subset=subset.name,
        kind=subset.kind,
        total=len(subset),
        side=subset.patch,
        stems=[subset.stem(index) for index in indices],
        pictures=partial(_pictures, subset, indices),
        photos=photos,
        chains=chains,
        labellings=[subset.labels(name).take(positions) for name in names],
        distances={name: _distances(name, metric, subset, indices, report) for name, metric in metrics.items()},
        replay=shlex.join(["bappsmith", "replay", str(root), subset.name]),
    )


def _pictures(subset: SealedSubset, indices: Sequence[int]) -> Iterator[list[NDArray[np.uint8]]]:
    for item in subset.storage.read(indices):
        yield list(subset.decode(item).values())


def _distances(
    name: str, metric: Metric, subset: SealedSubset, indices: list[int], report: Progress
) -> tuple[NDArray[np.float32], ...]:
    """Compute the distances of some items: (d0, d1) for 2AFC, (d,) for JND."""
    import torch

    from bappsmith.lpips.data.subset import to_signed

    columns: list[list[NDArray[np.float32]]] = [[] for _ in subset.folders[1:]]
    with torch.inference_mode():
        for start in range(0, len(indices), 64):
            report(f"{name} on {subset.name}", start, len(indices))
            stacked = np.stack([np.stack(item) for item in _pictures(subset, indices[start : start + 64])], axis=1)
            first, *others = to_signed(torch.from_numpy(stacked))
            for column, other in zip(columns, others, strict=True):
                column.append(metric(first, other).reshape(-1).float().numpy())
    report(f"{name} on {subset.name}", len(indices), len(indices))
    return tuple(np.concatenate(column) for column in columns)
