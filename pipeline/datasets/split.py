"""Divide train subsets into train and val, by photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.pipeline.sources.sequences import sequences_of
from bappsmith.pipeline.sources.split import split_photographs
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .copy_shard import Selection
from .derive import Done, derive, select


def split(
    root: str | Path,
    out: str | Path,
    val_fraction: float = 0.2,
    *,
    seed: int = 0,
    form: Form = "folders",
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
    progress: Done | None = None,
) -> Path | str:
    """Move a share of the photographs of every 2afc/train subset to 2afc/val.

    Existing val and JND subsets keep their items; items that move to an existing val subset are appended. A photograph
    that a bank was trained on stays in train. Frames of one sequence stay together.

    Args:
        root: folder or address of a finished dataset.
        out: folder or address of the new one.
        val_fraction: share of the photographs that become val, in (0, 1).
        seed: of the choice; another seed chooses other photographs.
        form: of the new dataset.
        workers: processes with one thread each; with 1, this process does the work.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.
        progress: called with (items done, items in all).

    Returns:
        `out`.

    Raises:
        BappsmithError: `val_fraction` is not in (0, 1), there is no 2afc/train subset, or train or val of a subset
            would be empty; or see `convert`.
    """
    if not 0 < val_fraction < 1:
        raise BappsmithError(f"val_fraction must be in (0, 1), found {val_fraction:g}")
    pool = WorkerPool(choose_client(workers, scheduler, cluster))
    dataset = Dataset(root)
    photos_used = {
        path: _photographs_used(dataset, path)
        for path in dataset.finished.subsets
        if (path.kind, path.split) == ("2afc", "train")
    }
    if not photos_used:
        raise BappsmithError(f"{root} has no 2afc/train subset to split; give a dataset that has one")
    names = {name for photos, _ in photos_used.values() for name in photos}
    learnt = set(dataset.run.bank_photographs)
    sequences = sequences_of(dataset.run)
    for frames in sequences:
        pixels = {frame.pixels_sha256 for frame in frames}
        learnt |= pixels if pixels & learnt else set()
    photographs = [photo for photo in dataset.run.photographs if photo.name in names]
    free = [photo for photo in photographs if photo.pixels_sha256 not in learnt]
    if not free:
        raise BappsmithError(
            f"{root}: its bank was trained on all photographs of its train subsets, so none of them can be val; make "
            "val with generate, from photographs that the bank was not trained on"
        )
    # If there are fewer candidates, take a larger share of them, so that val has the requested size.
    share = min(0.999, val_fraction * len(photographs) / len(free))
    free_names = {photo.name for photo in free}
    together = [[frame for frame in frames if frame.name in free_names] for frames in sequences]
    val = {photo.name for photo in split_photographs(free, share, seed, filter(None, together))["val"]}
    selections: dict[SubsetPath, list[Selection]] = {}
    for path, count in dataset.finished.subsets.items():
        if path not in photos_used:
            selections.setdefault(path, []).insert(0, select(dataset, path, range(count)))
            continue
        photos, photo_of_item = photos_used[path]
        in_val = np.array([name in val for name in photos])[photo_of_item]
        for side in ("train", "val"):
            indices = np.flatnonzero(in_val == (side == "val")).tolist()
            if not indices:
                raise BappsmithError(f"{root}: no photograph of {path} is {side}; try another seed or val_fraction")
            selections.setdefault(SubsetPath("2afc", side, path.name), []).append(select(dataset, path, indices))
    return derive(out, [dataset], selections, f"{dataset.run.recipe.name}-split", form, pool, progress)


def _photographs_used(dataset: Dataset, path: SubsetPath) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of the photographs of a subset, and for every item the position of its photograph in them."""
    positions: dict[str, int] = {}
    parts = [np.zeros(0, np.int64)]
    for batch in dataset.sealed(path).batches("photo"):
        encoded = batch["photo"].dictionary_encode()
        known = [positions.setdefault(name, len(positions)) for name in encoded.dictionary.to_pylist()]
        parts.append(np.array(known, np.int64)[encoded.indices.to_numpy()])
    return list(positions), np.concatenate(parts)
