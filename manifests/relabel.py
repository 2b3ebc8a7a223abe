"""Add a labelling to a finished dataset, or make another labelling the active one. Nothing is rendered."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .dataset import Dataset
from .dataset_log import DatasetLog, write_labels
from .errors import BappsmithError
from .forms.form import storage
from .forms.item import SHARD, StoredFile
from .schema.labelling import Labelling
from .schema.subset_path import SubsetPath
from .seal import LABELLING_NAME, SEAL, read_seal
from .sealed_json import DamagedError, read_sealed, sealed_bytes
from .sealed_subset import SealedSubset
from .store.open import location, open_store
from .store.store import WORK
from .table import LABEL_SCHEMA
from .work_log import ACTIVATION, BEGIN, LABELLING


@contextmanager
def judging(dataset: Dataset, name: str, facts: Mapping[str, Any]) -> Generator[DatasetLog]:
    """Begin to measure what a labelling is judged from, or go on with it. Figures go into the log that this yields.

    No other run may change the dataset meanwhile. It can be used. `add_labelling` removes the log.

    Args:
        dataset: a finished dataset.
        name: of the new labelling.
        facts: JSON values: what the labelling is made from. Other facts than those of a killed run are refused.

    Raises:
        BappsmithError: another labelling was begun there.
    """
    log = DatasetLog(dataset.root)
    begin = json.loads(json.dumps(_begin(name, facts)))
    with log.alone():
        try:
            begun = read_sealed(log.store, BEGIN)
        except (FileNotFoundError, DamagedError):
            log.store.write_durable(BEGIN, sealed_bytes(begin))
        else:
            if begun != begin:
                other = begun.get("facts", {}).get("labelling")
                what = f"labelling '{other}'" if other != name else f"labelling '{name}' by another judge"
                raise BappsmithError(
                    f"{dataset.root}: {what} was begun there and not finished; run its command again, or remove "
                    f"{dataset.root}/{WORK}"
                )
        yield log


def check_name(dataset: Dataset, name: str, judge: str) -> None:
    """Refuse an invalid name of a labelling, and one that the dataset has from another judge.

    A labelling that the same judge made is not refused: its command can run again, after a kill at its very end.

    Args:
        dataset: a finished dataset.
        name: of the labelling.
        judge: name of the judge, as in the sources of its judgments.

    Raises:
        BappsmithError: see above.
    """
    if LABELLING_NAME.fullmatch(name) is None:
        raise BappsmithError(f"labelling '{name}' is not a valid name; use letters, digits, '-' and '_'")
    if name not in dataset.finished.labellings:
        return
    kinds = {row["judge"] for subset in dataset.subsets() for row in subset.take_judgments(name, [0])}
    if not any(json.loads(kind).get("kind") == judge for kind in kinds):
        raise _taken(dataset, name)


def _taken(dataset: Dataset, name: str) -> BappsmithError:
    return BappsmithError(
        f"{dataset.root} already has another labelling '{name}' ({', '.join(dataset.finished.labellings)}); choose "
        "another name"
    )


def add_labelling(
    dataset: Dataset,
    name: str,
    labellings: Mapping[SubsetPath, Labelling],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add a labelling to a finished dataset, and seal it again. Call it again after an interruption.

    Args:
        dataset: a finished dataset; open it again to see the new labelling.
        name: of letters, digits, '-' and '_'. If the dataset has a labelling of this name, both must be equal.
        labellings: the judgments of every subset, shares in [0, 1].
        facts: as given to `judging`, if figures were measured there.

    Raises:
        BappsmithError: the name is taken or invalid, a subset is missing, a number of judgments differs from the number
            of items, or a share is not in [0, 1].
    """
    seal = dataset.finished
    if LABELLING_NAME.fullmatch(name) is None:
        raise BappsmithError(f"labelling '{name}' is not a valid name; use letters, digits, '-' and '_'")
    missing = [str(path) for path in seal.subsets if path not in labellings]
    if missing:
        raise BappsmithError(
            f"labelling '{name}' of {dataset.root} has no judgments for subset {missing[0]}; judge every subset"
        )
    for path, count in seal.subsets.items():
        if len(labellings[path]) != count:
            raise BappsmithError(
                f"labelling '{name}': {path} holds {count} items, found {len(labellings[path])} judgments; give one "
                "judgment per item"
            )
        shares = labellings[path].shares
        if not ((shares >= 0) & (shares <= 1)).all():
            raise BappsmithError(f"labelling '{name}': a judgment of {path} is not in [0, 1]; give shares of votes")
    log = DatasetLog(dataset.root)
    if name in seal.labellings:
        log.tidy(LABELLING)  # an earlier call may have been killed just before its end, and this one may have begun
        if not all(_equal(dataset.sealed(path).labels(name), labellings[path]) for path in seal.subsets):
            raise _taken(dataset, name)
        return
    with _exclusive(log, _begin(name, facts or {})):
        names = [write_labels(log, dataset.run, path, name, labels_table(labellings[path])) for path in seal.subsets]
        files = {table: log.file(table)._asdict() for table in names}
        labels = {"active": seal.active, "names": sorted({*seal.labellings, name})}
        _reseal(log, {**seal.data, "labels": labels, "files": {**seal.data["files"], **files}})


def _begin(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": LABELLING, "facts": {**facts, "labelling": name}}


@dataclass(frozen=True, slots=True)
class RelabelTask:
    """All that a worker receives to write the judgments of one shard.

    Attributes:
        root: folder or address of the dataset.
        form: of the dataset.
        patch: side of its images, px.
        subset: path of the subset.
        count: number of its items.
        shard: number of the shard in the subset, from 0.
        shares: the judgments, float64 (items of the shard,), in [0, 1].
    """

    root: str
    form: str
    patch: int
    subset: SubsetPath
    count: int
    shard: int
    shares: NDArray[np.float64]

    def __str__(self) -> str:
        return f"shard {self.shard} of {self.subset}"


class MapUnordered(Protocol):
    """Calls a function with every task, here or on workers, and yields the results in any order."""

    def __call__(
        self, function: Callable[[RelabelTask], dict[str, StoredFile]], tasks: Sequence[RelabelTask], /
    ) -> Iterable[dict[str, StoredFile]]:
        """See above."""
        ...


def activate(root: str, name: str, map_unordered: MapUnordered = map) -> None:
    """Make a labelling the active one: write it to `judge/` and `same/`. Call it again after an interruption.

    Args:
        root: folder or address of a finished dataset.
        name: name of one of its labellings.
        map_unordered: runs the shards, such as the method of a pool of workers; default: this process.

    Raises:
        BappsmithError: the dataset has no such labelling, or is not finished.
    """
    log = DatasetLog(root)
    try:
        seal = read_seal(log.store)
    except FileNotFoundError:
        Dataset(root)  # says what is missing
        raise
    if name not in seal.labellings:
        raise BappsmithError(f"{root} has no labelling '{name}'; choose one of {', '.join(seal.labellings)}")
    with _exclusive(log, {"kind": ACTIVATION, "facts": {"labelling": name}}):
        files: dict[str, StoredFile] = {}
        for path, count in seal.subsets.items():
            shares = SealedSubset(log.store, seal, path).labels(name).shares
            form, patch = seal.form, seal.recipe.patch
            tasks = [
                RelabelTask(location(root), form, patch, path, count, start // SHARD, shares[start : start + SHARD])
                for start in range(0, count, SHARD)
            ]
            for shard_files in map_unordered(_relabel_shard, tasks):
                files |= shard_files
            files |= storage(form, log.store, path, count, patch).finish()
        changed = {file: facts._asdict() for file, facts in files.items()}
        labels = {"active": name, "names": list(seal.labellings)}
        _reseal(log, {**seal.data, "labels": labels, "files": {**seal.data["files"], **changed}})


def _relabel_shard(task: RelabelTask) -> dict[str, StoredFile]:
    """Write the judgments of a labelling into a shard; return its files that hold several items."""
    stored = storage(task.form, open_store(task.root), task.subset, task.count, task.patch)
    return stored.relabel(task.shard, task.shares.tolist())


def _equal(labelling: Labelling, other: Labelling) -> bool:
    return labels_table(labelling).equals(labels_table(other))


def labels_table(labelling: Labelling) -> pa.Table:
    """Turn a labelling into a table with the columns `table.LABEL_SCHEMA`."""
    columns = {"index": np.arange(len(labelling), dtype=np.int32), **labelling.columns()}
    return pa.table(columns, schema=LABEL_SCHEMA)


@contextmanager
def _exclusive(log: DatasetLog, begin: dict[str, Any]) -> Generator[None]:
    """Keep other runs out. Until the work is done, `begin` says what is in progress."""
    with log.alone():
        log.store.write_durable(BEGIN, sealed_bytes(begin))
        yield
        log.remove()


def _reseal(log: DatasetLog, data: dict[str, Any]) -> None:
    log.store.sync()
    log.store.write_durable(SEAL, sealed_bytes(json.loads(json.dumps(data))))
