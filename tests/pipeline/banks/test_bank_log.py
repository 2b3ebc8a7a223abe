"""The work log of a bank: a damaged entry or file means that its network is trained again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.atomic import sha256_file
from bappsmith.pipeline.banks.bank_log import BankLog

PHOTOGRAPHS = (Photograph("a.png", "sha", 90, 90, "pixels"),)


def test_workers_read_what_the_training_was_begun_with(tmp_path: Path):
    with BankLog(tmp_path).training({"seed": 1}, PHOTOGRAPHS, "alex.pth"):
        begun = BankLog(tmp_path).read_begin()
        assert begun["settings"] == {"seed": 1}
        assert begun["trunk_weights"] == "alex.pth"
        assert [Photograph(**photo) for photo in begun["photographs"]] == list(PHOTOGRAPHS)
    with (
        pytest.raises(BappsmithError, match="holds another bank: seed 1 → 2 differs"),
        BankLog(tmp_path).training({"seed": 2}, PHOTOGRAPHS, None),
    ):
        pass


def test_a_damaged_entry_or_file_means_train_again(tmp_path: Path):
    log = BankLog(tmp_path)
    assert log.result(0) is None
    (tmp_path / "networks").mkdir()
    weights = tmp_path / "networks" / "000.safetensors"
    weights.write_text("weights")
    sha256 = sha256_file(weights)
    kept = {"number": 0, "file": "networks/000.safetensors", "sha256": sha256, "spec": {}, "record": {}}
    given_up = {"number": 1, "rejected": [{"fault": "it diverged"}]}
    log.enter(0, kept)
    log.enter(1, given_up)
    assert (log.result(0), log.result(1)) == (kept, given_up)
    weights.write_text("other weights")
    assert log.result(0) is None
    weights.unlink()
    assert log.result(0) is None
    for text in ("", "[]", "null", '{"file": 7, "sha256": 7}', '{"number": 1', "{}"):
        (tmp_path / log.entry("networks", 1, "json")).write_text(text)
        assert log.result(1) is None
