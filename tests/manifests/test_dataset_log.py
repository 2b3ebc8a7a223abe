"""Entries of shards, and the seal that is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import Storage
from bappsmith.manifests.forms.item import StoredItem, digests
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.table import manifest_name

PATH = SubsetPath.parse("jnd/val/a")
COUNT = 515
RUN = Run(
    Recipe.from_dict({"name": "a", "patch": 8, "subsets": [{"path": str(PATH), "pairs": COUNT}]}),
    (Photograph("a.png", "1" * 64, 90, 80, "2" * 64),),
    {},
    {"bappsmith": "1"},
    "packed",
)


def shard_of(number: int) -> list[StoredItem]:
    """Grey images that tell their index."""
    grey = {
        index: np.full((8, 8, 3), index % 251, np.uint8)
        for index in range(number * 512, min(COUNT, number * 512 + 512))
    }
    return [
        StoredItem(index, {}, label_bytes(index % 4 / 4), {"p0": image, "p1": 255 - image})
        for index, image in grey.items()
    ]


def row_of(item: StoredItem) -> dict[str, Any]:
    plan = {"index": item.index, "photo": "a.png", "photo_sha256": "1" * 64, "crops": "[[0,0,8]]", "crop": 0}
    rest = {"patch": 8, "flat_below": 0.0, "operators0": "", "operators1": "jpeg", "severity0": 0.0, "severity1": 0.5}
    chains = {"chain0": "[]", "chain1": '[{"name":"jpeg","severity":0.5,"params":{}}]'}
    judgment = {"judgment": item.index % 4 / 4, "votes": 3, "judge": '{"kind":"test"}', "preference": None}
    judgment |= {"probability": None, "dropped": ""}
    return {**plan, **rest, **chains, **judgment, **digests(item)}


def enter(log: DatasetLog, stored: Storage, number: int, fingerprint: str = RUN.fingerprint()) -> None:
    items = shard_of(number)
    log.enter(PATH, number, [row_of(item) for item in items], fingerprint, stored.write(number, items))


@pytest.fixture
def log(tmp_path: Path) -> DatasetLog:
    return DatasetLog(tmp_path / "data")


def begin(log: DatasetLog) -> Storage:
    stored = log.storage(RUN.recipe, RUN.form, PATH)
    with log.making(RUN):
        stored.begin()
    return stored


def make(log: DatasetLog) -> None:
    stored = begin(log)
    for number in (1, 0):
        enter(log, stored, number)
    log.seal(RUN, "A card.\n")


def test_entries_become_a_dataset(log: DatasetLog, tmp_path: Path):
    make(log)
    dataset = Dataset(tmp_path / "data")
    assert dataset.run == RUN
    assert (tmp_path / "data/README.md").read_text() == "A card.\n"
    subset = dataset.sealed(PATH)
    assert [row.index for row in subset.rows()] == list(range(COUNT))
    assert subset.labels().shares.tolist() == [index % 4 / 4 for index in range(COUNT)]
    assert set(subset.labels().votes.tolist()) == {3}
    assert subset[514].images["p0"].tolist() == np.full((8, 8, 3), 514 % 251).tolist()
    assert not (tmp_path / "data/.bappsmith").exists()
    # One row group a shard: what is read of one row does not grow with the table.
    assert pq.ParquetFile(tmp_path / "data" / manifest_name(PATH)).num_row_groups == 2


def test_a_missing_shard_or_one_of_another_run_is_not_sealed(log: DatasetLog, tmp_path: Path):
    stored = begin(log)
    enter(log, stored, 0)
    with pytest.raises(BappsmithError, match="shard 1 of jnd/val/a is missing"):
        log.seal(RUN, "")
    enter(log, stored, 1, "f" * 64)
    with pytest.raises(BappsmithError, match="shard 1 of jnd/val/a was made by another run"):
        log.seal(RUN, "")
    assert not (tmp_path / "data/seal.json").exists()
    enter(log, stored, 1)
    log.seal(RUN, "")
    assert log.finished


def test_a_shard_is_intact_as_long_as_entry_and_items_are_those_that_were_entered(log: DatasetLog, tmp_path: Path):
    stored = begin(log)
    fingerprint = RUN.fingerprint()
    assert not log.intact(PATH, 0, fingerprint, stored)
    enter(log, stored, 0)
    assert log.intact(PATH, 0, fingerprint, stored)
    assert not log.intact(PATH, 1, fingerprint, stored)
    assert not log.intact(PATH, 0, "f" * 64, stored)
    # An item, a judgment, the entry itself.
    items = shard_of(0)
    items[77].pixels["p1"][3, 3, 1] ^= 1
    stored.write(0, items)
    assert not log.intact(PATH, 0, fingerprint, stored)
    stored.write(0, shard_of(0))
    assert log.intact(PATH, 0, fingerprint, stored)
    stored.relabel(0, [0.5])
    assert not log.intact(PATH, 0, fingerprint, stored)
    stored.write(0, shard_of(0))
    entry = tmp_path / "data" / log.entry("jnd-val-a", 0, "parquet")
    whole = entry.read_bytes()
    for damaged in (b"", whole[:-8], b"PAR1" + whole[4:-4] + b"PAR2"):
        entry.write_bytes(damaged)
        assert not log.intact(PATH, 0, fingerprint, stored)
    entry.write_bytes(whole)
    assert log.intact(PATH, 0, fingerprint, stored)


@pytest.mark.parametrize("damage", [b"", b"{", b"\x00" * 200])
def test_a_damaged_seal_over_good_tables_gives_the_entries_back(log: DatasetLog, tmp_path: Path, tree, damage: bytes):
    make(log)
    before = tree(tmp_path / "data")
    (tmp_path / "data/seal.json").write_bytes(damage)
    stored = log.storage(RUN.recipe, RUN.form, PATH)
    with log.making(RUN):
        assert not (tmp_path / "data/seal.json").exists()
        assert log.done("jnd-val-a") == {0, 1}
        assert all(log.intact(PATH, number, RUN.fingerprint(), stored) for number in (0, 1))
        log.seal(RUN, "A card.\n")
    assert tree(tmp_path / "data") == before


def test_the_seal_counts_what_it_holds(log: DatasetLog, tmp_path: Path):
    make(log)
    seal = json.loads((tmp_path / "data/seal.json").read_text())
    assert seal["subsets"] == {"jnd/val/a": COUNT}
    assert seal["labels"] == {"active": "recipe", "names": ["recipe"]}
    assert seal["files"]["jnd/val/a/packed.safetensors"]["size"] == 4096 + COUNT * (2 * 8 * 8 * 3 + 4 + 7) - 1
