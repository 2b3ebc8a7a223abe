"""Remaking one triplet of a sealed dataset, and comparing it with what is on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bappsmith.distortions.base import Image
from bappsmith.distortions.plugins import use_plugins
from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.item import StoredItem, digests
from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.manifests.table import stored_columns
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.planning.provenance import operator_sources, pixel_versions
from bappsmith.pipeline.rendering.png import decode_png
from bappsmith.pipeline.rendering.render import render
from bappsmith.pipeline.shard import to_item
from bappsmith.pipeline.sources.find import locate
from bappsmith.pipeline.sources.index import SourceIndex


@dataclass(frozen=True)
class Replay:
    """One remade triplet.

    Attributes:
        record: what was planned.
        images: folder → remade pixels, uint8 H×W×3 RGB.
        same_plan: whether planning it anew, from recipe and photographs, gives the sealed record.
        same_pixels: folder → whether the remade pixels are the sealed ones.
        same_files: folder → whether the file on disk is the one that was sealed (pixels and judgment).
        same_bytes: whether the remade files equal the sealed ones to the byte.
        versions: library → (version then, now), and operator from elsewhere → (start of its file's
            sha256 then, now), where they differ.
    """

    record: TripletRecord
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
    dataset: str | Path,
    subset: str,
    index: int,
    *,
    photos: str | None = None,
    plugins: Sequence[str | Path] = (),
) -> Replay:
    """Remake a triplet from its photograph and compare.

    Args:
        dataset: folder of a sealed dataset.
        subset: such as 2afc/train/traditional.
        index: position in the subset.
        photos: where the photographs lie now; default: the folder of that name in the working directory.
        plugins: files with the operators that the dataset was made with, and folders of banks.

    Raises:
        BappsmithError: no such triplet, or its photograph is not found or has changed.
    """
    use_plugins(plugins)
    ledger = Ledger(dataset)
    run = ledger.run()
    where = SubsetPath.parse(subset)
    row = ledger.take(where, [index])[0]
    record = TripletRecord.from_row(str(where), row)
    maker, first, place = run, where, index
    if row["origin"]:
        fingerprint, text, place = json.loads(row["origin"])
        maker, first = run.parent(fingerprint), SubsetPath.parse(text)
    of_recipe = next(s for s in maker.recipe.subsets if s.where == first)
    unknown = sorted(set(maker.plugins) - set(operators()))
    if unknown:
        raise BappsmithError(
            f"{ledger.root} was made with operators that are not bappsmith's own ({', '.join(unknown)}); "
            "give the file that defines them, or their bank, with --plugin"
        )
    planner = Planner(maker.recipe, of_recipe, maker.photographs)
    planned = replace(planner.plan(place), subset=str(where), index=index)
    photo = next(p for p in run.photographs if p.name == record.photo)
    source = SourceIndex(_photographs(photos, run), run.photographs)
    rendered = render([record], lambda _: source.read(photo))[0]
    stored = ledger.storage(run, where)
    remade = digests(to_item(where, record, rendered, stored.encoded))
    label = LABEL_FOLDER[where.kind]
    there = digests(_decoded(next(stored.read([index]))))
    same_files = {f: there.get(f"pixels_{f}") == row[f"pixels_{f}"] for f in rendered.images}
    same_files[label] = there.get(f"file_{label}") == row[f"file_{label}"]
    then = {**maker.versions, **{f"operator {name}": sha[:12] for name, sha in maker.plugins.items()}}
    found = operator_sources([planner])
    now = {**pixel_versions([planner]), **{f"operator {name}": sha[:12] for name, sha in found.items()}}
    return Replay(
        record=record,
        images=rendered.images,
        same_plan=planned == record,
        same_pixels={f: remade[f"pixels_{f}"] == row[f"pixels_{f}"] for f in rendered.images},
        same_files=same_files,
        same_bytes=all(remade[c] == row[c] for c in stored_columns(where, stored.encoded)),
        versions={k: (then[k], now[k]) for k in then if k in now and then[k] != now[k]},
    )


def _photographs(photos: str | None, run: Run) -> str:
    if photos is not None:
        return locate(photos)
    try:
        return locate(run.recipe.sources.path)
    except BappsmithError as error:
        raise BappsmithError(
            f"the photographs of this dataset ('{run.recipe.sources.path}') are not below the working directory; "
            "say where they lie with --photos"
        ) from error


def _decoded(item: StoredItem) -> StoredItem:
    """An item with its pixels; an image that cannot be decoded is left out."""
    pixels = dict(item.pixels)
    for folder, data in item.files.items():
        if folder not in LABEL_FOLDER.values():
            with suppress(BappsmithError):
                pixels[folder] = decode_png(data, folder)
    return StoredItem(item.index, item.files, pixels)
