"""New datasets of items of finished ones: what convert, sample, split and merge have in common."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
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
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.seal import read_seal
from bappsmith.manifests.store.open import is_address
from bappsmith.manifests.work_log import BEGIN
from bappsmith.pipeline.reports.card import dataset_card
from bappsmith.pipeline.workers.clusters import local_client
from bappsmith.pipeline.workers.map_unordered import map_unordered

from .copy_shard import CopyTask, Selection, copy_shard, forget_datasets

Done = Callable[[int, int], None]
"""Called with (items done, items in all)."""
Selections = Mapping[SubsetPath, Sequence[Selection]]
"""Subset of the new dataset → the items that it is made of, in order."""


def select(dataset: Dataset, subset: SubsetPath | str, indices: Sequence[int]) -> Selection:
    """Some items of a dataset, by positions that rise."""
    root = dataset.root if is_address(dataset.root) else str(Path(dataset.root).resolve())
    return Selection(root, str(subset), tuple(indices))


def derive(
    out: str | Path,
    datasets: Sequence[Dataset],
    selections: Selections,
    name: str,
    form: Form,
    workers: int,
    progress: Done | None,
) -> str | Path:
    """Make a dataset of items of others; its rows say where each was first made.

    Raises:
        BappsmithError: patches differ in size, one name means two photographs, or an item is not as it was sealed.
    """
    run = _run(datasets, selections, name, form)
    return write_dataset(out, run, datasets, selections, dataset_card(run), workers, progress, derived=True)


def write_dataset(
    out: str | Path,
    run: Run,
    datasets: Sequence[Dataset],
    selections: Selections,
    card: str,
    workers: int,
    progress: Done | None,
    *,
    derived: bool,
) -> str | Path:
    """Copy the items, with every labelling that all datasets have, and seal.

    Args:
        out: folder or address of the new dataset.
        run: what the new dataset is made from.
        datasets: that items come from.
        selections: see `Selections`.
        card: text of the dataset card.
        workers: processes with one thread each; 1 works in this process.
        progress: see `Done`.
        derived: whether rows say where items were first made.

    Raises:
        BappsmithError: an item is not as it was sealed, or `out` cannot be written or holds something else.
    """
    if workers < 1:
        raise BappsmithError(f"workers is at least 1, found {workers}")
    log = DatasetLog(out)
    log.refuse_misfit(run.work_parts())
    stored = [log.storage(run.recipe, run.form, path) for path in selections]
    root = log.root if is_address(log.root) else str(Path(log.root).resolve())
    fingerprint, total, done = run.fingerprint(), sum(one.count for one in run.recipe.subsets), 0
    try:
        with log.making(run):
            if not log.finished:
                for one in stored:
                    one.begin()
                tasks = [
                    CopyTask(root, fingerprint, str(path), shard, few, derived)
                    for path, wanted in selections.items()
                    for shard, few in enumerate(_shards(wanted))
                ]
                for count in _copied(tasks, workers):
                    done += count
                    if progress:
                        progress(done, total)
                log.seal(run, card, _shared_labellings(datasets, selections))
        # Also where an earlier call was killed when it had sealed.
        actives = {dataset.finished.active for dataset in datasets}
        active = actives.pop() if len(actives) == 1 else RECIPE_LABELS
        if read_seal(log.store).active != active or log.store.exists(BEGIN):
            activate(str(out), active)
    except OSError as error:
        sources = ", ".join(dict.fromkeys(dataset.root for dataset in datasets))
        raise BappsmithError(
            f"cannot write {out} from {sources}: {error.strerror or error}; finished shards are kept, run the same command "
            "again"
        ) from error
    return out


def _copied(tasks: Sequence[CopyTask], workers: int) -> Any:
    try:
        if workers == 1:
            yield from map(copy_shard, tasks)
        else:
            with local_client(workers) as client:
                yield from map_unordered(client, copy_shard, tasks)
    finally:
        forget_datasets()


def _shards(wanted: Sequence[Selection]) -> list[tuple[Selection, ...]]:
    """The selections cut into shards."""
    shards: list[list[Selection]] = []
    room = 0
    for selection in wanted:
        start = 0
        while start < len(selection.indices):
            if room == 0:
                shards.append([])
                room = SHARD
            few = selection.indices[start : start + room]
            shards[-1].append(Selection(selection.root, selection.subset, few))
            start, room = start + len(few), room - len(few)
    return [tuple(shard) for shard in shards]


def _shared_labellings(datasets: Sequence[Dataset], selections: Selections) -> dict[str, dict[SubsetPath, pa.Table]]:
    """Labellings beside the recipe's that all datasets have: name → subset → table."""
    names = set.intersection(*(set(dataset.finished.labellings) for dataset in datasets)) - {RECIPE_LABELS}
    return {
        name: {path: labels_table(_selected(name, wanted)) for path, wanted in selections.items()}
        for name in sorted(names)
    }


def _selected(name: str, wanted: Sequence[Selection]) -> Labelling:
    parts = []
    for selection in wanted:
        labels = Dataset(selection.root).sealed(selection.subset).labels(name)
        parts.append((labels, np.array(selection.indices)))
    return Labelling(
        name,
        np.concatenate([labels.shares[indices] for labels, indices in parts]),
        np.concatenate([labels.votes[indices] for labels, indices in parts]),
        tuple(labels.sources[index] for labels, indices in parts for index in indices),
    )


def _run(datasets: Sequence[Dataset], selections: Selections, name: str, form: Form) -> Run:
    """What the new dataset is made from."""
    runs = [dataset.run for dataset in datasets]
    patches = sorted({run.recipe.patch for run in runs})
    if len(patches) > 1:
        raise BappsmithError(f"patches differ in size: {', '.join(map(str, patches))} px")
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
    by_root = {select(dataset, "", ()).root: dataset for dataset in datasets}
    recipe = Recipe.from_dict(
        {
            **runs[0].recipe.to_dict(),
            "name": name,
            "context": " ".join(dict.fromkeys(filter(None, (run.recipe.context for run in runs)))),
            "sources": {
                **runs[0].recipe.sources.model_dump(mode="json"),
                "license": "; ".join(dict.fromkeys(run.recipe.sources.license for run in runs)),
            },
            "subsets": [_counted(by_root[wanted[0].root], path, wanted) for path, wanted in selections.items()],
        }
    )
    fingerprints = {root: dataset.finished.fingerprint for root, dataset in by_root.items()}
    chosen = {
        str(path): [[fingerprints[one.root], one.subset, list(one.indices)] for one in wanted]
        for path, wanted in selections.items()
    }
    return Run(
        recipe=recipe,
        photographs=tuple(photographs.values()),
        plugins={plugin: sha for run in runs for plugin, sha in run.plugins.items()},
        versions=versions,
        form=form,
        bank_photographs=tuple(sorted({sha for run in runs for sha in run.bank_photographs})),
        parents=tuple(parents.values()),
        selection=hashlib.sha256(json.dumps(chosen).encode()).hexdigest(),
    )


def _counted(dataset: Dataset, path: SubsetPath, wanted: Sequence[Selection]) -> dict[str, Any]:
    """A subset of the new recipe: rules of its first selection (those of all are in the parents), and the new count."""
    rules = next(one for one in dataset.run.recipe.subsets if one.path == wanted[0].subset)
    size = {"pairs" if path.kind == "jnd" else "triplets": sum(len(selection.indices) for selection in wanted)}
    return {**rules.model_dump(mode="json"), "path": str(path), **size}
