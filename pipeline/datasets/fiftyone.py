"""Show a dataset in FiftyOne: `pip install fiftyone`, which brings a database of its own."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.png import encode_png
from bappsmith.manifests.progress import Progress, under
from bappsmith.manifests.schema.row import Row
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.manifests.store.atomic import atomic_write_bytes

_AT_ONCE = 500
"""Items that FiftyOne gets in one call."""


def to_fiftyone(
    root: str | Path,
    name: str,
    images: str | Path,
    *,
    subsets: Sequence[str] = (),
    progress: Progress | None = None,
) -> Any:
    """Make a dataset of FiftyOne: every item is a group with the slices ref, p0 and p1 (JND: p0 and p1).

    All samples have `subset`, `index`, `photo`, `judgment` (share of votes for p1, or for "the same") and `votes`, and
    the tags train or val. Those of p0 and p1 also have `operators` and `severity`, the sum over the chain.

    Args:
        root: folder or address of a finished dataset of any form.
        name: of the new dataset of FiftyOne.
        images: folder for the images as PNG files, which FiftyOne shows. Files of the same names are replaced.
        subsets: paths of the subsets to show, such as 2afc/val/traditional; none: all.
        progress: see `Progress`.

    Returns:
        A `fiftyone.Dataset`. Set `persistent` on it to keep it.

    Raises:
        BappsmithError: FiftyOne is not installed or has no database, it has a dataset of that name, or a subset is
            unknown.
    """
    try:
        fiftyone: Any = import_module("fiftyone")
    except ImportError as error:
        raise BappsmithError("FiftyOne is not installed: pip install fiftyone") from error
    dataset = Dataset(root)
    chosen = [dataset.sealed(path) for path in subsets] or dataset.subsets()
    try:
        exists = fiftyone.dataset_exists(name)
    except Exception as error:  # FiftyOne and its database raise errors of their own
        raise BappsmithError(
            f"FiftyOne does not reach its database ({' '.join(str(error).split())[:200]}); see its own instructions"
        ) from error
    if exists:
        raise BappsmithError(f"FiftyOne has a dataset '{name}'; give another name, or delete that one")
    made = fiftyone.Dataset(name)
    made.add_group_field("item", default="ref" if all(subset.kind == "2afc" for subset in chosen) else "p0")
    for subset in chosen:
        report = under(subset.name, progress)
        for start in range(0, len(subset), _AT_ONCE):
            indices = range(start, min(start + _AT_ONCE, len(subset)))
            made.add_samples(_samples(fiftyone, subset, indices, Path(images)))
            if report:
                report(indices.stop, len(subset))
    return made


def _samples(fiftyone: Any, subset: SealedSubset, indices: Sequence[int], images: Path) -> list[Any]:
    labels = subset.labels()
    samples: list[Any] = []
    for stored, row in zip(subset.storage.read(indices), subset.take(indices), strict=True):
        group = fiftyone.Group()
        files = dict(stored.images) or {f: encode_png(pixels) for f, pixels in stored.pixels.items()}
        if set(files) != set(subset.folders):
            raise BappsmithError(f"{subset.root}: item {stored.index} is damaged; run `bappsmith verify` to list all")
        for folder in subset.folders:
            path = images / str(subset.path) / folder / f"{stored.index:06d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write_bytes(path, files[folder])
            samples.append(
                fiftyone.Sample(
                    filepath=str(path.absolute()),
                    tags=[subset.path.split],
                    item=group.element(folder),
                    subset=subset.name,
                    index=stored.index,
                    photo=row.plan.photo,
                    judgment=float(labels.shares[stored.index]),
                    votes=int(labels.votes[stored.index]),
                    **_damage(row, folder),
                )
            )
    return samples


def _damage(row: Row, folder: str) -> dict[str, Any]:
    """Return what was done to a patch; nothing for the reference."""
    if folder == "ref":
        return {}
    chain = row.plan.chain0 if folder == "p0" else row.plan.chain1
    return {"operators": list(chain.names), "severity": float(chain.severity)}
