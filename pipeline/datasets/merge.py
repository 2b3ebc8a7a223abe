"""Merge datasets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form
from bappsmith.manifests.schema.subset_path import MAX_ITEMS, Split, SubsetPath
from bappsmith.manifests.sealed_json import DamagedError
from bappsmith.pipeline.sources.sequences import sequences_of
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool

from .copy_shard import Selection
from .derive import Done, derive, select


def merge(
    roots: Sequence[str | Path],
    out: str | Path,
    *,
    form: Form = "folders",
    workers: int = 1,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
    progress: Done | None = None,
) -> Path | str:
    """Join datasets. Subsets of the same path are concatenated.

    Args:
        roots: folders or addresses of at least two finished datasets.
        out: folder or address of the new one.
        form: of the new dataset.
        workers: processes with one thread each; with 1, this process does the work.
        scheduler: address of a running Dask scheduler, in place of `workers`; see `generate`.
        cluster: file that describes a cluster, in place of `workers`; see `generate`.
        progress: called with (items done, items in all).

    Returns:
        `out`.

    Raises:
        BappsmithError: there are fewer than two datasets, patches differ in size, two datasets hold the same item or
            drew the same subset with the same seed, a photograph is train in one and val in another, a bank was trained
            on a photograph of val, or one name means two photographs; or see `convert`.
    """
    if len(roots) < 2:
        raise BappsmithError(f"merge needs at least two datasets, found {len(roots)}")
    pool = WorkerPool(choose_client(workers, scheduler, cluster))
    datasets = [Dataset(root) for root in roots]
    _refuse_equal_items(datasets)
    _refuse_shared_photographs(datasets)
    selections: dict[SubsetPath, list[Selection]] = {}
    for dataset in datasets:
        for path, count in dataset.finished.subsets.items():
            selections.setdefault(path, []).append(select(dataset, path, range(count)))
    name = "-and-".join(dict.fromkeys(dataset.run.recipe.name for dataset in datasets))
    return derive(out, datasets, selections, name, form, pool, progress)


def _refuse_equal_items(datasets: Sequence[Dataset]) -> None:
    drawn: dict[tuple[str, int], int] = {}
    # Of the subset in which items were first made: number of the dataset that holds an item, from 1; 0: none.
    holders: dict[tuple[str, str], NDArray[np.int32]] = {}
    for number, dataset in enumerate(datasets):
        seal = dataset.finished
        for path in seal.subsets:
            if not dataset.run.parents:
                other = drawn.setdefault((str(path), seal.recipe.seed), number)
                if other != number and datasets[other].finished.fingerprint != seal.fingerprint:
                    raise BappsmithError(
                        f"{datasets[other].root} and {dataset.root} both drew {path} with seed {seal.recipe.seed}; "
                        "make one of them with another --seed"
                    )
            for key, indices, first in _origins(dataset, path):
                held = holders.setdefault(key, np.zeros(0, np.int32))
                if indices.max() >= len(held):
                    holders[key] = held = np.pad(held, (0, int(indices.max()) + 1 - len(held)))
                taken = np.flatnonzero((held[indices] != 0) & (held[indices] != number + 1))
                if len(taken):
                    holder = datasets[int(held[indices[taken[0]]]) - 1]
                    raise BappsmithError(
                        f"{holder.root} and {dataset.root} both hold {path} {first[taken[0]]}; leave one out"
                    )
                held[indices] = number + 1


def _origins(
    dataset: Dataset, path: SubsetPath
) -> Iterator[tuple[tuple[str, str], NDArray[np.int64], NDArray[np.int64]]]:
    """Yield where the items of a subset were first made: (fingerprint, subset), positions there, positions here."""
    seal = dataset.finished
    here = (seal.fingerprint, str(path))
    if not dataset.run.parents:
        yield here, np.arange(seal.subsets[path]), np.arange(seal.subsets[path])
        return
    for batch in dataset.sealed(path).batches("origin", "index"):
        positions: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for row in batch.to_pylist():
            try:
                fingerprint, subset, index = json.loads(row["origin"]) if row["origin"] else (*here, row["index"])
                if not 0 <= index < MAX_ITEMS:
                    raise ValueError(f"item {index}")
                positions.setdefault((fingerprint, subset), []).append((index, row["index"]))
            except (ValueError, TypeError, RecursionError) as error:
                raise DamagedError(
                    f"{dataset.root}: the manifest of {path} is damaged (origin of row {row['index']}); restore it "
                    "from a copy"
                ) from error
        for key, pairs in positions.items():
            there, first = np.array(pairs, np.int64).T
            yield key, there, first


def _refuse_shared_photographs(datasets: Sequence[Dataset]) -> None:
    """Refuse a photograph in both train and val, and a bank that was trained on a photograph of val.

    Of a sequence, all frames count: operators may have used the frames beside a photograph.
    """
    sides: dict[str, tuple[Split, Dataset]] = {}
    names: dict[str, str] = {}
    for dataset in datasets:
        pixels = {photo.name: photo.pixels_sha256 for photo in dataset.run.photographs}
        sequences = [{frame.name for frame in frames} for frames in sequences_of(dataset.run)]
        for path in dataset.finished.subsets:
            used = {
                name for batch in dataset.sealed(path).batches("photo") for name in batch["photo"].unique().to_pylist()
            }
            for name in used.union(*(frames for frames in sequences if frames & used)):
                names[pixels[name]] = name
                side, other = sides.setdefault(pixels[name], (path.split, dataset))
                if side != path.split:
                    raise BappsmithError(
                        f"photograph {name} is {path.split} in {dataset.root} and {side} in {other.root}; train and "
                        "val never share a photograph: make both from the same photographs with the same val_fraction"
                    )
    for dataset in datasets:
        for sha in dataset.run.bank_photographs:
            side, other = sides.get(sha, ("train", dataset))
            if side == "val":
                raise BappsmithError(
                    f"the bank of {dataset.root} was trained on photograph {names[sha]}, which is val in {other.root}; "
                    "make one of them with another bank, or with the same val_fraction and split_seed"
                )
