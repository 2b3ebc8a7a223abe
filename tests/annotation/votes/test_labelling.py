from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bappsmith.annotation.quality.apply_rules import judged_by_rules
from bappsmith.annotation.quality.rules import Rules
from bappsmith.annotation.study.settings import StudySettings
from bappsmith.annotation.votes.labelling import judged_votes, label_dataset, provenance, votes_labelling
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.relabel import activate
from bappsmith.pipeline.datasets.verify import verify


@pytest.fixture
def dataset(finished: dict[str, Path], tmp_path: Path) -> Dataset:
    return Dataset(shutil.copytree(finished["packed"], tmp_path / "dataset"))


@pytest.fixture(scope="module")
def votes(simulated: ModuleType) -> pa.Table:
    return simulated.simulate([simulated.HONEST] * 3, np.array([3.0, -3, 0, 0, 0]), per_session=5, votes=3)


def source(votes: pa.Table) -> dict[str, object]:
    return provenance(votes, {"votes": 3}, "f00", Rules())


def test_shares_are_k_of_n_and_unjudged_items_are_dropped(dataset: Dataset, votes: pa.Table):
    labels = votes_labelling(dataset, "people", votes, source(votes))[dataset.subsets()[1].path]
    rows = [row for row in votes.to_pylist() if row["role"] == "item"]
    for index in range(5):
        own = [row["choice"] == "p1" for row in rows if row["index"] == index]
        assert labels.shares[index] == np.mean(own)
        assert labels.votes[index] == len(own) == 3
    assert (labels.shares[5], labels.votes[5]) == (0.5, 0)
    assert labels.dropped == ("",) * 5 + ("unjudged",)
    assert labels.weights.tolist() == [1] * 5 + [0]


def test_sources_name_no_person(dataset: Dataset, votes: pa.Table):
    label_dataset(dataset, "people", votes, source(votes))
    stored = Dataset(dataset.root).subsets()[1].labels("people")
    facts = json.loads(stored.sources[0])
    assert facts["kind"] == "people"
    assert (facts["votes"], facts["people"], facts["platforms"]) == (15, 3, {"link": 15})
    assert facts["from"] == facts["to"] == "2023-11-14"
    assert len(facts["table_sha256"]) == 64
    for person in set(votes["person"].to_pylist()) | set(votes["session"].to_pylist()):
        assert person not in "".join(stored.sources)


def test_the_labelling_can_be_activated_and_the_dataset_is_whole(dataset: Dataset, votes: pa.Table):
    label_dataset(dataset, "people", votes, source(votes))
    activate(dataset.root, "people")
    opened = Dataset(dataset.root)
    assert opened["2afc/val/a"][1].judgment == opened["2afc/val/a"].labels("people").shares[1]
    assert verify(dataset.root).clean


def test_the_same_votes_again_change_nothing_and_more_votes_need_another_name(
    dataset: Dataset, votes: pa.Table, simulated: ModuleType
):
    label_dataset(dataset, "people", votes, source(votes))
    label_dataset(Dataset(dataset.root), "people", votes, source(votes))
    more = simulated.simulate([simulated.HONEST] * 4, np.zeros(5), per_session=5, votes=4)
    with pytest.raises(BappsmithError, match=r"another labelling 'people'.*choose another name"):
        label_dataset(Dataset(dataset.root), "people", more, source(more))


def test_the_order_of_rows_does_not_matter(votes: pa.Table):
    turned = votes.take(np.random.default_rng(0).permutation(len(votes)))
    assert source(turned) == source(votes)


def test_the_votes_of_a_study_are_judged_by_its_own_rules(votes: pa.Table):
    study: Any = SimpleNamespace(votes=lambda: votes, settings=StudySettings(fastest_ms=10_000), fingerprint="f00")
    table, facts = judged_votes(study)
    assert table.equals(judged_by_rules(votes, Rules.of(study.settings))[1])
    assert facts == provenance(table, study.settings.model_dump(mode="json"), "f00", Rules.of(study.settings))
    assert facts["rules"]["fastest_ms"] == 10_000


def test_without_votes_there_is_no_labelling(dataset: Dataset, votes: pa.Table):
    for nothing in (votes.slice(0, 0), votes.filter(pa.array([role != "item" for role in votes["role"].to_pylist()]))):
        with pytest.raises(BappsmithError, match="nobody has voted yet"):
            label_dataset(dataset, "people", nothing, source(nothing))


@pytest.mark.parametrize("other", [{"subset": "2afc/val/other"}, {"index": 6}])
def test_votes_of_another_dataset_are_refused(dataset: Dataset, votes: pa.Table, other: dict[str, object]):
    table = pa.Table.from_pylist([row | other for row in votes.to_pylist()], votes.schema)
    with pytest.raises(BappsmithError, match="give the dataset that was judged"):
        votes_labelling(dataset, "people", table, source(table))
