"""Make a labelling the active one, on any workers."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.relabel import activate as make_active
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool


def activate(
    root: str | Path,
    name: str,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
) -> None:
    """Write a labelling to `judge/` and `same/`, which BAPPS readers use. Call it again after an interruption.

    Args:
        root: folder or address of a finished dataset.
        name: name of one of its labellings.
        workers: processes with one thread each; with 1, this process does the work.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.

    Raises:
        BappsmithError: the dataset has no such labelling, or is not finished.
    """
    with WorkerPool(choose_client(workers, scheduler, cluster)) as pool:
        make_active(str(root), name, pool.map_unordered)
