"""Make new datasets from items of finished ones: the common part of convert, sample, split and merge."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import RECIPE_LABELS, DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Form
from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.relabel import activate, labels_table
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.labelling import Labelling, join_labellings
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.seal import read_seal
from bappsmith.manifests.store.open import location
from bappsmith.manifests.work_log import BEGIN
from bappsmith.pipeline.reports.card import dataset_card
from bappsmith.pipeline.workers.pool import WorkerPool

from .copy_shard import CopyTask, Selection, copy_shard, forget_datasets

Done = Callable[[int, int], None]
"""Called with (items done, items in all)."""
Selections = Mapping[SubsetPath, Sequence[Selection]]
"""Subset of the new dataset → its items, in order."""


def select(dataset: Dataset, subset: SubsetPath | str, indices: Sequence[int]) -> Selection:
    """Select items of a dataset by ascending positions."""
    few_bytes = indices if isinstance(indices, range) else array("q", indices)
    seal = dataset.finished
    return Selection(location(dataset.root), seal.fingerprint, seal.form, str(subset), few_bytes)


def derive(
    out: str | Path,
    datasets: Sequence[Dataset],
    selections: Selections,
    name: str,
    form: Form,
    pool: WorkerPool,
    progress: Done | None,
) -> str | Path:
    """Make a dataset from items of others. Its rows say where each item was made first.

    Args:
        out: folder or address of the new dataset.
        datasets: the datasets that items come from.
        selections: see `Selections`.
        name: of the new dataset.
        form: of the new dataset.
        pool: workers that copy the items.
        progress: see `Done`.

    Returns:
        `out`.

    Raises:
        BappsmithError: patches differ in size, one name means two photographs, an item does not match the seal, or
            `out` cannot be written.
    """
    run = _run(datasets, selections, name, form)
    return write_dataset(out, run, datasets, selections, dataset_card(run), pool, progress, derived=True)


def write_dataset(
    out: str | Path,
    run: Run,
    datasets: Sequence[Dataset],
    selections: Selections,
    card: str,
    pool: WorkerPool,
    progress: Done | None,
    *,
    derived: bool,
) -> str | Path:
    """Copy the items and every labelling that all datasets have, and seal the new dataset.

    Args:
        out: folder or address of the new dataset.
        run: what the new dataset is made from.
        datasets: the datasets that items come from.
        selections: see `Selections`.
        card: text of the dataset card.
        pool: workers that copy the items.
        progress: see `Done`.
        derived: whether rows say where items were made first.

    Returns:
        `out`.

    Raises:
        BappsmithError: an item does not match the seal, or `out` cannot be written or holds something else.
    """
    log = DatasetLog(out)
    log.refuse_misfit(run.work_parts())
    storages = [log.storage(run.recipe, run.form, path) for path in selections]
    root = location(log.root)
    fingerprint, total, done = run.fingerprint(), sum(subset.count for subset in run.recipe.subsets), 0
    try:
        with pool:
            with log.making(run):
                if not log.finished:
                    for storage in storages:
                        storage.begin()
                    tasks = [
                        CopyTask(root, fingerprint, run.form, str(path), number, shard, derived)
                        for path, selected in selections.items()
                        for number, shard in enumerate(_shards(selected))
                    ]
                    for count in _copied(tasks, pool):
                        done += count
                        if progress:
                            progress(done, total)
                    log.seal(run, card, _shared_labellings(datasets, selections))
            # Also where an earlier call was killed when it had sealed.
            actives = {dataset.finished.active for dataset in datasets}
            active = actives.pop() if len(actives) == 1 else RECIPE_LABELS
            if read_seal(log.store).active != active or log.store.exists(BEGIN):
                activate(str(out), active, pool.map_unordered)
    except OSError as error:
        sources = ", ".join(dict.fromkeys(dataset.root for dataset in datasets))
        raise BappsmithError(
            f"cannot write {out} from {sources}: {error.strerror or error}; run the same command again (finished "
            "shards are kept)"
        ) from error
    return out


def _copied(tasks: Sequence[CopyTask], pool: WorkerPool) -> Iterator[int]:
    try:
        yield from pool.map_unordered(copy_shard, tasks)
    finally:
        forget_datasets()


def _shards(selections: Sequence[Selection]) -> list[tuple[Selection, ...]]:
    """Cut selections into shards."""
    shards: list[list[Selection]] = []
    room = 0
    for selection in selections:
        start = 0
        while start < len(selection.indices):
            if room == 0:
                shards.append([])
                room = SHARD
            part = selection.indices[start : start + room]
            shards[-1].append(replace(selection, indices=part))
            start, room = start + len(part), room - len(part)
    return [tuple(shard) for shard in shards]


def _shared_labellings(datasets: Sequence[Dataset], selections: Selections) -> dict[str, dict[SubsetPath, pa.Table]]:
    """Return the labellings that all datasets have, without the recipe's: name → subset → table."""
    names = set.intersection(*(set(dataset.finished.labellings) for dataset in datasets)) - {RECIPE_LABELS}
    return {
        name: {path: labels_table(_selected_labels(name, selected)) for path, selected in selections.items()}
        for name in sorted(names)
    }


def _selected_labels(name: str, selections: Sequence[Selection]) -> Labelling:
    parts = [
        Dataset(selection.root).sealed(selection.subset).labels(name).take(np.array(selection.indices))
        for selection in selections
    ]
    return join_labellings(parts)


def _run(datasets: Sequence[Dataset], selections: Selections, name: str, form: Form) -> Run:
    """Describe what the new dataset is made from."""
    runs = [dataset.run for dataset in datasets]
    patches = sorted({run.recipe.patch for run in runs})
    if len(patches) > 1:
        raise BappsmithError(f"patches differ in size: {', '.join(map(str, patches))} px; give datasets of one size")
    photographs: dict[str, Photograph] = {}
    versions: dict[str, str] = {}
    for photo in (photo for run in runs for photo in run.photographs):
        if photographs.setdefault(photo.name, photo) != photo:
            raise BappsmithError(f"two photographs are called {photo.name}; rename one and make its dataset again")
    for library, version in ((library, version) for run in runs for library, version in run.versions.items()):
        if versions.setdefault(library, version) != version:
            versions[library] = "several, see parents"
    parents: dict[str, dict[str, Any]] = {}
    for run in runs:
        if run.parents:
            parents |= {parent["fingerprint"]: parent for parent in run.parents}
        else:
            parents[run.fingerprint()] = run.as_parent()
    by_root = {select(dataset, "", range(0)).root: dataset for dataset in datasets}
    recipe = Recipe.from_dict(
        {
            **runs[0].recipe.to_dict(),
            "name": name,
            "context": " ".join(dict.fromkeys(filter(None, (run.recipe.context for run in runs)))),
            "sources": {
                **runs[0].recipe.sources.model_dump(mode="json"),
                "license": "; ".join(dict.fromkeys(run.recipe.sources.license for run in runs)),
            },
            "subsets": [_counted(by_root[selected[0].root], path, selected) for path, selected in selections.items()],
        }
    )
    return Run(
        recipe=recipe,
        photographs=tuple(photographs.values()),
        plugins={plugin: sha for run in runs for plugin, sha in run.plugins.items()},
        versions=versions,
        form=form,
        bank_photographs=tuple(sorted({sha for run in runs for sha in run.bank_photographs})),
        parents=tuple(parents.values()),
        selection=_selection_sha256(selections),
    )


def _selection_sha256(selections: Selections) -> str:
    """Compute the sha256 of subset → [[fingerprint, subset, indices], …] as JSON, without all of it in memory."""
    digest = hashlib.sha256()
    for number, (path, selected) in enumerate(selections.items()):
        digest.update(f"{', ' if number else '{'}{json.dumps(str(path))}: [".encode())
        for part_number, part in enumerate(selected):
            names = json.dumps([part.fingerprint, part.subset])
            digest.update(f"{', ' if part_number else ''}{names[:-1]}, [".encode())
            for start in range(0, len(part.indices), SHARD):
                numbers = ", ".join(map(str, part.indices[start : start + SHARD]))
                digest.update(f"{', ' if start else ''}{numbers}".encode())
            digest.update(b"]]")
        digest.update(b"]")
    digest.update(b"}")
    return digest.hexdigest()


def _counted(dataset: Dataset, path: SubsetPath, selections: Sequence[Selection]) -> dict[str, Any]:
    """Return a subset of the new recipe: the rules of its first selection, and the new count.

    The rules of all selections are in the parents.
    """
    rules = next(subset for subset in dataset.run.recipe.subsets if subset.path == selections[0].subset)
    size = {"pairs" if path.kind == "jnd" else "triplets": sum(len(selection.indices) for selection in selections)}
    return {**rules.model_dump(mode="json"), "path": str(path), **size}
