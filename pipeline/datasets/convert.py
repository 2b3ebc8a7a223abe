"""Store a dataset in another form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import CARD
from bappsmith.manifests.forms.form import Form
from bappsmith.pipeline.reports.front_matter import with_front_matter
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .derive import Done, select, write_dataset


def convert(
    root: str | Path,
    out: str | Path,
    form: Form,
    progress: Done | None = None,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
) -> Path | str:
    """Store a dataset in another form; pixels, judgments and the fingerprint stay the same.

    Args:
        root: folder or address of a finished dataset.
        out: folder or address of the new one.
        form: of the new dataset: "folders", "tar", "packed" or "parquet".
        progress: called with (items done, items in all).
        workers: processes with one thread each; with 1, this process does the work.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.

    Returns:
        `out`.

    Raises:
        BappsmithError: the dataset is not finished, an item does not match the seal, or `out` cannot be written.
    """
    pool = WorkerPool(choose_client(workers, scheduler, cluster))
    dataset = Dataset(root)
    selections = {path: [select(dataset, path, range(count))] for path, count in dataset.finished.subsets.items()}
    run = replace(dataset.run, form=form)
    card = with_front_matter(dataset.store.read(CARD).decode(), run)
    return write_dataset(out, run, [dataset], selections, card, pool, progress, derived=False)
