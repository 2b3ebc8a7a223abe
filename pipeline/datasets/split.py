"""Train and val made of one train subset, by photographs."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form
from bappsmith.manifests.schema.subset_path import SubsetPath
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

    Subsets of val that are there stay as they are, JND included; items that move to one of the same name follow its own.
    A photograph that networks of a bank learnt from stays in train.

    Args:
        root: folder or address of a finished dataset.
        out: folder or address of the new one.
        val_fraction: share of the photographs that become val, in (0, 1).
        seed: another one chooses other photographs.
        form: of the new dataset.
        workers: processes with one thread each; 1 works in this process.
        progress: called with (items done, items in all).

    Returns:
        `out`.

    Raises:
        BappsmithError: `val_fraction` does not lie in (0, 1), there is no 2afc/train subset, or a side of one would be
            empty; or see `convert`.
    """
    if not 0 < val_fraction < 1:
        raise BappsmithError(f"val_fraction lies in (0, 1), found {val_fraction:g}")
    dataset = Dataset(root)
    used = {
        path: dataset.sealed(path).columns("photo")["photo"]
        for path in dataset.finished.subsets
        if (path.kind, path.split) == ("2afc", "train")
    }
    if not used:
        raise BappsmithError(f"{root} has no 2afc/train subset to split")
    names = {name for photos in used.values() for name in photos}
    learnt = set(dataset.run.bank_photographs)
    photographs = [photo for photo in dataset.run.photographs if photo.name in names]
    free = [photo for photo in photographs if photo.pixels_sha256 not in learnt]
    if not free:
        raise BappsmithError(
            f"{root}: networks of its bank learnt from all photographs of its train subsets, so none of them can be val; "
            "make val with generate, from photographs that the bank has not seen"
        )
    # Of fewer candidates a larger share is taken, for val to have the size that was asked for.
    share = min(0.999, val_fraction * len(photographs) / len(free))
    val = {photo.name for photo in split_photographs(free, share, seed)["val"]}
    selections: dict[SubsetPath, list[Selection]] = {}
    for path, count in dataset.finished.subsets.items():
        if path not in used:
            selections.setdefault(path, []).insert(0, select(dataset, path, range(count)))
            continue
        for side in ("train", "val"):
            indices = [i for i, name in enumerate(used[path]) if (name in val) == (side == "val")]
            if not indices:
                raise BappsmithError(f"{root}: no photograph of {path} is {side}; try another seed or val_fraction")
            selections.setdefault(SubsetPath("2afc", side, path.name), []).append(select(dataset, path, indices))
    return derive(out, [dataset], selections, f"{dataset.run.recipe.name}-split", form, workers, progress)
