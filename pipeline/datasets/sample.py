"""Take a random share of the items of a dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bappsmith.distortions.random import Draws
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .derive import Done, derive, select


def sample(
    root: str | Path,
    out: str | Path,
    fraction: float,
    *,
    seed: int = 0,
    form: Form = "folders",
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
    progress: Done | None = None,
) -> Path | str:
    """Take a random share of the items of every subset, at least one each. The order of items is kept.

    Args:
        root: folder or address of a finished dataset.
        out: folder or address of the new one.
        fraction: share of the items, in (0, 1].
        seed: of the choice; another seed takes other items.
        form: of the new dataset.
        workers: processes with one thread each; with 1, this process does the work.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.
        progress: called with (items done, items in all).

    Returns:
        `out`.

    Raises:
        BappsmithError: `fraction` is not in (0, 1], or see `convert`.
    """
    if not 0 < fraction <= 1:
        raise BappsmithError(f"fraction must be in (0, 1], found {fraction:g}")
    pool = WorkerPool(choose_client(workers, scheduler, cluster))
    dataset = Dataset(root)
    selections = {}
    for number, (path, count) in enumerate(dataset.finished.subsets.items()):
        draws = Draws(seed, number)
        keys = np.array([draws.word() for _ in range(count)], np.uint64)
        chosen = np.sort(np.argsort(keys, kind="stable")[: max(1, round(fraction * count))])
        selections[path] = [select(dataset, path, chosen.tolist())]
    return derive(out, [dataset], selections, f"{dataset.run.recipe.name}-sample", form, pool, progress)
