"""Votes become a labelling of the dataset: k of n votes per item, and where they come from."""

# The functions of pyarrow.compute are made at run time.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bappsmith.annotation.quality.apply_rules import judged_by_rules
from bappsmith.annotation.quality.rules import Rules
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.relabel import add_labelling
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import SubsetPath

from .item_votes import counted_votes, item_votes

if TYPE_CHECKING:
    from bappsmith.annotation.study.study import Study

UNJUDGED = "unjudged"
"""Nobody has judged the item. Its share is 1/2, and its weight in training 0."""


def votes_labelling(
    dataset: Dataset, name: str, votes: pa.Table, provenance: Mapping[str, Any]
) -> dict[SubsetPath, Labelling]:
    """Make a labelling of the votes that count.

    Args:
        dataset: a finished dataset.
        name: of the labelling.
        votes: columns `VOTE_SCHEMA`.
        provenance: see `provenance`. It becomes the source of every judgment.

    Returns:
        Path → shares k / n and numbers of votes n, for every subset of the dataset. Items without votes are dropped as
        `UNJUDGED`.

    Raises:
        BappsmithError: there is no vote, or one on an item that the dataset does not have.
    """
    counted = counted_votes(votes)
    if not len(counted):
        raise BappsmithError(
            f"{dataset.root}: nobody has voted yet, or nobody whose votes count; `bappsmith annotate status` says more"
        )
    judged, known = pc.unique(counted["subset"]).to_pylist(), {str(path) for path in dataset.finished.subsets}
    for subset in judged:
        if subset not in known:
            raise BappsmithError(
                f"the study has votes on {subset}, but {dataset.root} has only {', '.join(sorted(known))}; give the "
                "dataset that was judged"
            )
    source, labellings = json.dumps(provenance, sort_keys=True), {}
    for path, count in dataset.finished.subsets.items():
        judgments = item_votes(counted, str(path))
        if len(judgments.index) and judgments.index[-1] >= count:
            raise BappsmithError(
                f"the study has votes on item {judgments.index[-1]} of {path}, which has {count} items; give the "
                "dataset that was judged"
            )
        shares, numbers = np.full(count, 0.5), np.zeros(count, np.int32)
        shares[judgments.index] = judgments.positive / judgments.votes
        numbers[judgments.index] = judgments.votes
        dropped = tuple("" if number else UNJUDGED for number in numbers.tolist())
        labellings[path] = Labelling(name, shares, numbers, (source,) * count, dropped=dropped)
    return labellings


def provenance(votes: pa.Table, protocol: Mapping[str, Any], fingerprint: str, rules: Rules) -> dict[str, Any]:
    """Say what a labelling is made from, in JSON values. No person is named, not even by a hash.

    Args:
        votes: columns `VOTE_SCHEMA`.
        protocol: settings of the study.
        fingerprint: of what was judged.
        rules: that set people aside.

    Returns:
        `kind` "people"; numbers of votes, people, platforms and people set aside; first and last day (UTC); sha256 of
        the votes, sorted, as lines person, subset, index, choice; protocol and rules.
    """
    counted = counted_votes(votes)
    platforms = counted.group_by("platform").aggregate([("platform", "count")]).sort_by("platform")
    order = ("person", "subset", "index", "choice")
    rows = counted.select(order).sort_by([(column, "ascending") for column in order])
    digest = hashlib.sha256()
    for batch in rows.to_batches(max_chunksize=2**14):
        for row in zip(*(batch.column(name).to_pylist() for name in order), strict=True):
            digest.update(f"{','.join(map(str, row))}\n".encode())
    times = pc.min_max(counted["received"]).as_py()
    return {
        "kind": "people",
        "votes": len(counted),
        "people": len(pc.unique(counted["person"])),
        "set_aside": len(pc.unique(votes.filter(pc.starts_with(votes["reason"], "set aside"))["person"])),
        "platforms": dict(zip(platforms["platform"].to_pylist(), platforms["platform_count"].to_pylist(), strict=True)),
        "from": _day(times["min"]),
        "to": _day(times["max"]),
        "table_sha256": digest.hexdigest(),
        "fingerprint": fingerprint,
        "protocol": dict(protocol),
        "rules": asdict(rules),
    }


def _day(time: float | None) -> str | None:
    if time is None:
        return None
    return datetime.datetime.fromtimestamp(time, datetime.UTC).date().isoformat()


def judged_votes(study: Study) -> tuple[pa.Table, dict[str, Any]]:
    """Return the votes of a study after its rules, and where they come from: what `label_dataset` takes.

    Args:
        study: open for reading or writing. Nothing is changed.

    Returns:
        Columns `VOTE_SCHEMA`, and what `provenance` says.
    """
    rules = Rules.of(study.settings)
    _, votes = judged_by_rules(study.votes(), rules)
    return votes, provenance(votes, study.settings.model_dump(mode="json"), study.fingerprint, rules)


def label_dataset(
    dataset: Dataset, name: str, votes: pa.Table, source: Mapping[str, Any]
) -> dict[SubsetPath, Labelling]:
    """Add the votes to a dataset as a labelling. Calling it again with the same votes changes nothing.

    Args:
        dataset: a finished dataset.
        name: of the labelling.
        votes: columns `VOTE_SCHEMA`.
        source: see `provenance`.

    Raises:
        BappsmithError: as `votes_labelling` does; or the dataset has another labelling of this name, such as one of
            fewer votes.
    """
    labellings = votes_labelling(dataset, name, votes, source)
    add_labelling(dataset, name, labellings)
    return labellings
