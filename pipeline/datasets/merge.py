"""Merge datasets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form
from bappsmith.manifests.schema.row import ItemOrigin
from bappsmith.manifests.schema.subset_path import Split, SubsetPath
from bappsmith.pipeline.sources.sequences import sequences_of

from .copy_shard import Selection
from .derive import Done, derive, select


def merge(
    roots: Sequence[str | Path],
    out: str | Path,
    *,
    form: Form = "folders",
    workers: int = 1,
    progress: Done | None = None,
) -> Path | str:
    """Join datasets. Subsets of the same path are concatenated.

    Args:
        roots: folders or addresses of at least two finished datasets.
        out: folder or address of the new one.
        form: of the new dataset.
        workers: processes with one thread each; with 1, this process does the work.
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
    datasets = [Dataset(root) for root in roots]
    _refuse_equal_items(datasets)
    _refuse_shared_photographs(datasets)
    selections: dict[SubsetPath, list[Selection]] = {}
    for dataset in datasets:
        for path, count in dataset.finished.subsets.items():
            selections.setdefault(path, []).append(select(dataset, path, range(count)))
    name = "-and-".join(dict.fromkeys(dataset.run.recipe.name for dataset in datasets))
    return derive(out, datasets, selections, name, form, workers, progress)


def _refuse_equal_items(datasets: Sequence[Dataset]) -> None:
    drawn: dict[tuple[str, int], int] = {}
    items: dict[str, int] = {}
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
            for row in dataset.sealed(path).iterate("origin", "index"):
                key = row["origin"] or ItemOrigin(seal.fingerprint, str(path), row["index"]).to_json()
                other = items.setdefault(key, number)
                if other != number:
                    raise BappsmithError(
                        f"{datasets[other].root} and {dataset.root} both hold {path} {row['index']}; leave one out"
                    )


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
            used = {row["photo"] for row in dataset.sealed(path).iterate("photo")}
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
