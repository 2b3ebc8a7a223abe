"""Divide train subsets into train and val, by photographs."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.pipeline.sources.sequences import sequences_of
from bappsmith.pipeline.sources.split import split_photographs

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
        progress: called with (items done, items in all).

    Returns:
        `out`.

    Raises:
        BappsmithError: `val_fraction` is not in (0, 1), there is no 2afc/train subset, or train or val of a subset
            would be empty; or see `convert`.
    """
    if not 0 < val_fraction < 1:
        raise BappsmithError(f"val_fraction must be in (0, 1), found {val_fraction:g}")
    dataset = Dataset(root)
    photos_used = {
        path: dataset.sealed(path).columns("photo")["photo"]
        for path in dataset.finished.subsets
        if (path.kind, path.split) == ("2afc", "train")
    }
    if not photos_used:
        raise BappsmithError(f"{root} has no 2afc/train subset to split; give a dataset that has one")
    names = {name for photos in photos_used.values() for name in photos}
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
        for side in ("train", "val"):
            indices = [i for i, name in enumerate(photos_used[path]) if (name in val) == (side == "val")]
            if not indices:
                raise BappsmithError(f"{root}: no photograph of {path} is {side}; try another seed or val_fraction")
            selections.setdefault(SubsetPath("2afc", side, path.name), []).append(select(dataset, path, indices))
    return derive(out, [dataset], selections, f"{dataset.run.recipe.name}-split", form, workers, progress)
