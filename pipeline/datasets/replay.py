"""Make one triplet of a sealed dataset again, and compare it with the stored one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bappsmith.distortions.image import Image
from bappsmith.distortions.plugins import use_plugins
from bappsmith.distortions.registry import operators
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import RECIPE_LABELS
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import StoredItem, digests
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.manifests.sealed_subset import SealedSubset
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.planning.provenance import JUDGE, foreign_parts, pixel_versions
from bappsmith.pipeline.rendering.render import render
from bappsmith.pipeline.shard import judge_planned, to_item
from bappsmith.pipeline.sources.find import locate
from bappsmith.pipeline.sources.index import SourceIndex


@dataclass(frozen=True)
class Replay:
    """One triplet that was made again.

    Attributes:
        record: the sealed record.
        judgment: of the recipe's judge, in [0, 1]; see `Labelling.shares`.
        images: folder → new pixels, uint8 H×W×3 RGB.
        same_plan: whether planning again, from recipe and photographs, gives the sealed record and judgment.
        same_pixels: folder → whether the new pixels equal the sealed ones.
        same_files: folder → whether the stored file equals the sealed one (pixels and judgment).
        same_bytes: whether the new files equal the sealed ones byte for byte.
        versions: what differs: library → (version then, now); operator of a plugin or bank → (start of its sha256 then,
            now).
    """

    record: TripletRecord
    judgment: float
    images: dict[str, Image]
    same_plan: bool
    same_pixels: dict[str, bool]
    same_files: dict[str, bool]
    same_bytes: bool
    versions: dict[str, tuple[str, str]]

    @property
    def exact(self) -> bool:
        """Whether plan, pixels and files all agree."""
        return self.same_plan and all(self.same_pixels.values()) and all(self.same_files.values())


def replay(
    root: str | Path,
    subset: str,
    index: int,
    *,
    photos: str | None = None,
    plugins: Sequence[str | Path] = (),
) -> Replay:
    """Make a triplet again from its photograph, and compare it with the stored one.

    Args:
        root: folder or address of a finished dataset.
        subset: such as 2afc/train/traditional.
        index: position in the subset.
        photos: where the photographs are now; default: the folder of their name in the working directory.
        plugins: files with the operators that the dataset was made with, and folders of banks.

    Raises:
        BappsmithError: the triplet does not exist, its photograph is missing or changed, or an operator is missing.

    Examples:
        >>> import bappsmith
        >>> wanted = {"path": "2afc/train/tiny", "triplets": 3}
        >>> recipe = bappsmith.Recipe.from_dict({"name": "tiny", "subsets": [wanted]})
        >>> made = bappsmith.generate(recipe, "tiny")
        >>> bappsmith.replay("tiny", "2afc/train/tiny", 2).exact
        True
    """
    use_plugins(plugins)
    dataset = Dataset(root)
    run = dataset.run
    sealed = dataset.sealed(subset)
    row = sealed.row(index)
    sealed_judgment = float(sealed.take_labels(RECIPE_LABELS, [index]).shares[0])
    maker, first, position = run, sealed.path, index
    if row.origin is not None:
        maker, first, position = (
            run.parent(row.origin.fingerprint),
            SubsetPath.parse(row.origin.subset),
            row.origin.index,
        )
    of_recipe = next(one for one in maker.recipe.subsets if one.where == first)
    unknown = sorted({name for name in maker.plugins if not name.startswith(JUDGE)} - set(operators()))
    if unknown:
        raise BappsmithError(
            f"{dataset.root} was made with operators that are not bappsmith's own ({', '.join(unknown)}); "
            "give the file that defines them, or their bank, with --plugin"
        )
    planner = Planner(maker.recipe, of_recipe, maker.photographs)
    planned = planner.plan(position)
    photographs = {photo.name: photo for photo in run.photographs}
    source = SourceIndex(photographs_of(photos, run), run.photographs)
    all_rendered = render([row.plan], lambda name: source.read(photographs[name]))
    rendered, judgment = all_rendered[0], judge_planned(planner, [planned], all_rendered)
    stored_item = next(sealed.storage.read([index]))
    remade = to_item(index, sealed_judgment, rendered, sealed.storage.encoded)
    hashes, label = digests(remade), LABEL_FOLDER[sealed.kind]
    active = label_bytes(float(sealed.take_labels(sealed.labelling, [index]).shares[0]))
    same_files = {
        folder: _pixels_sha256(sealed, stored_item, folder) == row.pixels_sha256[folder] for folder in sealed.folders
    }
    then = {**maker.versions, **{_part(name): sha[:12] for name, sha in maker.plugins.items()}}
    sources = foreign_parts([planner])
    now = {**pixel_versions([planner]), **{_part(name): sha[:12] for name, sha in sources.items()}}
    return Replay(
        record=row.plan,
        judgment=sealed_judgment,
        images=rendered.images,
        same_plan=(
            replace(planned, subset=str(sealed.path), index=index) == row.plan
            and float(judgment.shares[0]) == sealed_judgment
        ),
        same_pixels={f: hashes[f"pixels_{f}"] == row.pixels_sha256[f] for f in sealed.folders},
        same_files={**same_files, label: stored_item.label == active},
        same_bytes=all(hashes[f"file_{f}"] == row.sha256[f] for f in row.sha256),
        versions={k: (then[k], now[k]) for k in then if k in now and then[k] != now[k]},
    )


def _part(name: str) -> str:
    return name if name.startswith(JUDGE) else f"operator {name}"


def photographs_of(photos: str | None, run: Run) -> str:
    """Return the folder or address that the photographs of a run are in.

    Args:
        photos: where they are; None: below the working directory, in the folder that the run names.
        run: what the dataset was made from.

    Raises:
        BappsmithError: they are not there.
    """
    if photos is not None:
        return locate(photos)
    try:
        return locate(run.recipe.sources.path)
    except BappsmithError as error:
        raise BappsmithError(
            f"the photographs of this dataset ('{run.recipe.sources.path}') are not below the working directory; "
            "give their folder with --photos"
        ) from error


def _pixels_sha256(subset: SealedSubset, item: StoredItem, folder: str) -> bytes:
    """Return the sha256 of the stored pixels of an image; empty if the image cannot be decoded."""
    try:
        return hashlib.sha256(subset.decode(item)[folder].tobytes()).digest()
    except BappsmithError:
        return b""
