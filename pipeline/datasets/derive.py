"""Datasets from datasets: converted, sampled, split, merged. Every item keeps its pixels, and says where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form, Storage
from bappsmith.manifests.forms.item import SHARD, StoredItem, digests
from bappsmith.manifests.ledger import CARD, Ledger
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, SubsetPath
from bappsmith.pipeline.rendering.png import decode_png, encode_png
from bappsmith.pipeline.reports.card import dataset_card
from bappsmith.pipeline.reports.front_matter import with_front_matter
from bappsmith.pipeline.shard import shard_count

Done = Callable[[int, int], None]
"""Called with (items done, items in all)."""


@dataclass(frozen=True)
class Selection:
    """Some items of a sealed dataset.

    Attributes:
        ledger: the dataset.
        subset: which subset.
        indices: positions in it, rising.
    """

    ledger: Ledger
    subset: SubsetPath
    indices: Sequence[int]


def convert(dataset: str | Path, out: str | Path, form: Form, progress: Done | None = None) -> Path | str:
    """The same dataset in another form; pixels and judgments are the same, and so is the fingerprint.

    Raises:
        BappsmithError: the dataset is not sealed, or has items that are not as they were sealed.
    """
    ledger = Ledger(dataset)
    seal, run = ledger.seal_data(), ledger.run()
    wanted = {
        SubsetPath.parse(text): [Selection(ledger, SubsetPath.parse(text), range(count))]
        for text, count in seal["subsets"].items()
    }
    run = Run(run.recipe, run.photographs, run.plugins, run.versions, form, run.parents, run.selection)
    card = with_front_matter(ledger.store.read(CARD).decode(), run)
    return _write(out, run, wanted, card, progress, derived=False)


def sample(
    dataset: str | Path,
    out: str | Path,
    fraction: float,
    *,
    seed: int = 0,
    form: Form = "folders",
    progress: Done | None = None,
) -> Path | str:
    """A share of the items of every subset, at least one, chosen at random and left in order.

    Raises:
        BappsmithError: fraction does not lie in (0, 1], or see `convert`.
    """
    if not 0 < fraction <= 1:
        raise BappsmithError(f"fraction lies in (0, 1], found {fraction:g}")
    ledger = Ledger(dataset)
    wanted = {}
    for text, count in ledger.seal_data()["subsets"].items():
        subset = SubsetPath.parse(text)
        draws = Draws(seed, len(wanted))
        keys = np.array([draws.word() for _ in range(count)], np.uint64)
        chosen = np.sort(np.argsort(keys, kind="stable")[: max(1, round(fraction * count))])
        wanted[subset] = [Selection(ledger, subset, chosen.tolist())]
    return _derive(out, [ledger], wanted, form, progress)


def split(
    dataset: str | Path,
    out: str | Path,
    val_fraction: float = 0.2,
    *,
    seed: int = 0,
    form: Form = "folders",
    progress: Done | None = None,
) -> Path | str:
    """Divide every 2afc/train subset into 2afc/train and 2afc/val by photographs: none is on both sides.

    Raises:
        BappsmithError: val_fraction does not lie in (0, 1), there is no such subset, or all items of one are of
            photographs of one side; or see `convert`.
    """
    from bappsmith.pipeline.sources.split import split_photographs

    if not 0 < val_fraction < 1:
        raise BappsmithError(f"val_fraction lies in (0, 1), found {val_fraction:g}")
    ledger = Ledger(dataset)
    wanted = {}
    used: dict[SubsetPath, list[str]] = {}
    for text in ledger.seal_data()["subsets"]:
        subset = SubsetPath.parse(text)
        if (subset.kind, subset.split) == ("2afc", "train"):
            used[subset] = ledger.columns(subset, ["photo"])["photo"]
    if not used:
        raise BappsmithError(f"{dataset} has no 2afc/train subset to split")
    names = {name for photos in used.values() for name in photos}
    photographs = [photo for photo in ledger.run().photographs if photo.name in names]
    val = {photo.name for photo in split_photographs(photographs, val_fraction, seed)["val"]}
    for subset, photos in used.items():
        for side in ("train", "val"):
            indices = [i for i, name in enumerate(photos) if (name in val) == (side == "val")]
            if not indices:
                raise BappsmithError(
                    f"{dataset}: no photograph of {subset} is {side}; try another seed or val_fraction"
                )
            wanted[SubsetPath("2afc", side, subset.name)] = [Selection(ledger, subset, indices)]
    return _derive(out, [ledger], wanted, form, progress)


def merge(
    datasets: Sequence[str | Path],
    out: str | Path,
    *,
    form: Form = "folders",
    progress: Done | None = None,
) -> Path | str:
    """Datasets as one: subsets of the same path are laid end to end.

    Raises:
        BappsmithError: fewer than two datasets, patches differ in size, two of them hold the same item or were drawn
            with the same seed for the same subset, a photograph is train in one and val in another, or one name
            means two photographs; or see `convert`.
    """
    if len(datasets) < 2:
        raise BappsmithError(f"merge takes at least two datasets, found {len(datasets)}")
    ledgers = [Ledger(dataset) for dataset in datasets]
    wanted: dict[SubsetPath, list[Selection]] = {}
    drawn: dict[tuple[str, int], str] = {}
    sides: dict[str, tuple[str, str]] = {}
    items: dict[str, str] = {}
    for ledger in ledgers:
        run = ledger.run()
        fingerprint = run.fingerprint()
        pixels = {photo.name: photo.pixels_sha256 for photo in run.photographs}
        for text, count in ledger.seal_data()["subsets"].items():
            subset = SubsetPath.parse(text)
            wanted.setdefault(subset, []).append(Selection(ledger, subset, range(count)))
            if not run.parents:
                other = drawn.setdefault((text, run.recipe.seed), ledger.root)
                if other != ledger.root:
                    raise BappsmithError(
                        f"{other} and {ledger.root} both drew {text} with seed {run.recipe.seed}; make one with another --seed"
                    )
            columns = ledger.columns(subset, ["photo", "origin", "index"])
            for name in set(columns["photo"]):
                side, where = sides.setdefault(pixels[name], (subset.split, ledger.root))
                if side != subset.split:
                    raise BappsmithError(
                        f"photograph {name} is {subset.split} in {ledger.root} and {side} in {where}; train and val never "
                        "share a photograph: make both from the same photographs with the same val_fraction"
                    )
            for origin, index in zip(columns["origin"], columns["index"], strict=True):
                key = origin or _origin(fingerprint, subset, index)
                if items.setdefault(key, ledger.root) != ledger.root:
                    raise BappsmithError(f"{items[key]} and {ledger.root} both hold {text} {index}; leave one out")
    return _derive(out, ledgers, wanted, form, progress)


def _derive(
    out: str | Path,
    ledgers: Sequence[Ledger],
    wanted: Mapping[SubsetPath, Sequence[Selection]],
    form: Form,
    progress: Done | None,
) -> Path | str:
    runs = [ledger.run() for ledger in ledgers]
    patches = sorted({run.recipe.patch for run in runs})
    if len(patches) > 1:
        raise BappsmithError(f"patches differ in size: {', '.join(map(str, patches))} px")
    photographs: dict[str, Photograph] = {}
    versions: dict[str, str] = {}
    for photo in (photo for run in runs for photo in run.photographs):
        if photographs.setdefault(photo.name, photo) != photo:
            raise BappsmithError(f"two photographs are called {photo.name}; rename one and make its dataset anew")
    for name, version in ((name, version) for run in runs for name, version in run.versions.items()):
        if versions.setdefault(name, version) != version:
            versions[name] = "several, see parents"
    parents: dict[str, dict[str, Any]] = {}
    for run in runs:
        if run.parents:
            parents |= {parent["fingerprint"]: parent for parent in run.parents}
        else:
            parents[run.fingerprint()] = run.as_parent()
    recipe = Recipe.from_dict(
        {
            **runs[0].recipe.to_dict(),
            "name": "-and-".join(dict.fromkeys(run.recipe.name for run in runs)),
            "context": " ".join(dict.fromkeys(filter(None, (run.recipe.context for run in runs)))),
            "sources": {
                **runs[0].recipe.sources.model_dump(mode="json"),
                "license": "; ".join(dict.fromkeys(run.recipe.sources.license for run in runs)),
            },
            "subsets": [_counted(subset, parts) for subset, parts in wanted.items()],
        }
    )
    plugins = {name: sha for run in runs for name, sha in run.plugins.items()}
    chosen = {
        str(subset): [[part.ledger.run().fingerprint(), str(part.subset), list(part.indices)] for part in parts]
        for subset, parts in wanted.items()
    }
    selection = hashlib.sha256(json.dumps(chosen).encode()).hexdigest()
    run = Run(recipe, tuple(photographs.values()), plugins, versions, form, tuple(parents.values()), selection)
    return _write(out, run, wanted, dataset_card(run), progress, derived=True)


def _counted(subset: SubsetPath, parts: Sequence[Selection]) -> dict[str, Any]:
    """A subset of the new recipe: rules of the first part (those of all are in the parents), and the new count."""
    first = parts[0]
    rules = next(one for one in first.ledger.run().recipe.subsets if one.where == first.subset)
    size = {"pairs" if subset.kind == "jnd" else "triplets": sum(len(part.indices) for part in parts)}
    return {**rules.model_dump(mode="json"), "path": str(subset), **size}


def _write(
    out: str | Path,
    run: Run,
    wanted: Mapping[SubsetPath, Sequence[Selection]],
    card: str,
    progress: Done | None,
    *,
    derived: bool,
) -> Path | str:
    ledger = Ledger(out)
    total, done = sum(subset.count for subset in run.recipe.subsets), 0
    with ledger.writing(run):
        if ledger.sealed:
            return out
        for subset, parts in wanted.items():
            stored = ledger.storage(run, subset)
            stored.begin()
            places = [(part, index) for part in parts for index in part.indices]
            tables = {id(part): part.ledger.table(part.subset) for part in parts}
            for shard in range(shard_count(len(places))):
                few = places[shard * SHARD : (shard + 1) * SHARD]
                if not ledger.intact(subset, shard, run.fingerprint(), stored):
                    rows, items = [], []
                    for part in parts:
                        indices = [index for one, index in few if one is part]
                        if indices:
                            start = shard * SHARD + len(items)
                            made = _take(part, tables[id(part)], indices, start, stored, derived)
                            rows += [row for row, _ in made]
                            items += [item for _, item in made]
                    files = stored.write(shard, items)
                    ledger.enter(subset, shard, rows, run.fingerprint(), files)
                done += len(few)
                if progress:
                    progress(done, total)
        ledger.seal(run, {subset.where: shard_count(subset.count) for subset in run.recipe.subsets}, card)
    return out


def _take(
    part: Selection, table: Any, indices: Sequence[int], start: int, stored: Storage, derived: bool
) -> list[tuple[dict[str, Any], StoredItem]]:
    """Rows and items under their new positions, checked against their hashes."""
    run = part.ledger.run()
    fingerprint = run.fingerprint()  # over all photographs: a millisecond, too much for every item
    there = part.ledger.storage(run, part.subset)
    made = []
    rows = table.take(list(indices)).to_pylist()
    for position, (row, item) in enumerate(zip(rows, there.read(indices), strict=True), start=start):
        files, pixels = dict(item.files), dict(item.pixels)
        for folder in IMAGE_FOLDERS[part.subset.kind]:
            if folder not in pixels and folder in files:
                pixels[folder] = decode_png(
                    files[folder], f"{part.ledger.root}, {part.subset} {row['index']}, {folder}"
                )
            if stored.encoded and folder not in files and folder in pixels:
                files[folder] = encode_png(pixels[folder])
        found = digests(StoredItem(position, files, pixels))
        wrong = [name for name, digest in row.items() if name.startswith("pixels_") and found.get(name) != digest]
        if wrong:
            raise BappsmithError(
                f"{part.ledger.root}: {part.subset} {row['index']} is not as it was sealed; bappsmith verify tells more"
            )
        if not stored.encoded:
            files = {folder: data for folder, data in files.items() if folder not in pixels}
        kept = {name: value for name, value in row.items() if not name.startswith("file_")}
        hashes = digests(StoredItem(position, files, pixels))
        if derived:
            kept["origin"] = row["origin"] or _origin(fingerprint, part.subset, row["index"])
        made.append(({**kept, **hashes, "index": position}, StoredItem(position, files, pixels)))
    return made


def _origin(fingerprint: str, subset: SubsetPath, index: int) -> str:
    return json.dumps([fingerprint, str(subset), index])
