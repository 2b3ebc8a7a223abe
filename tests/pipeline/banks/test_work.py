"""The work folder of a bank: begun once, refused to others, damaged entries made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.atomic import sha256_file
from bappsmith.pipeline.banks.work import BankWork

PHOTOGRAPHS = (Photograph("a.png", "sha", 90, 90, "pixels"),)


def begin(root: Path, **settings: object) -> None:
    with BankWork(root).writing({"seed": 1, **settings}, PHOTOGRAPHS, None):
        pass


def test_a_bank_is_begun_and_gone_on_with(tmp_path: Path):
    for _ in range(2):
        begin(tmp_path / "bank")
    begun = BankWork(tmp_path / "bank").begun()
    assert begun["settings"] == {"seed": 1}
    assert [Photograph(**photo) for photo in begun["photographs"]] == list(PHOTOGRAPHS)
    with pytest.raises(BappsmithError, match=r"other settings \(seed, steps differ\); choose another folder"):
        begin(tmp_path / "bank", seed=2, steps=3)
    assert BankWork(tmp_path / "bank").begun() == begun


def test_a_folder_that_was_made_and_left_empty_is_begun(tmp_path: Path):
    (tmp_path / ".bank").mkdir()
    (tmp_path / ".bank" / "run.json.0123.partial").write_text('{"sett')
    (tmp_path / ".bank" / "lock").write_text("")
    begin(tmp_path)
    assert sorted(path.name for path in (tmp_path / ".bank").iterdir()) == ["lock", "run.json"]


def test_two_do_not_train_one_bank(tmp_path: Path):
    with (
        BankWork(tmp_path).writing({}, PHOTOGRAPHS, None),
        pytest.raises(BappsmithError, match=r"another run is training .*; wait for its end"),
        BankWork(tmp_path).writing({}, PHOTOGRAPHS, None),
    ):
        pass


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"settings": {}}'])
def test_damaged_settings_are_one_line(tmp_path: Path, text: str):
    begin(tmp_path)
    (tmp_path / ".bank" / "run.json").write_text(text)
    with pytest.raises(BappsmithError, match=r"run\.json is damaged; remove .* and train the bank again$"):
        begin(tmp_path)


def test_a_damaged_entry_or_file_means_train_again(tmp_path: Path):
    begin(tmp_path)
    work = BankWork(tmp_path)
    assert work.entry(0) is None
    (tmp_path / "networks").mkdir()
    weights = tmp_path / "networks" / "000.safetensors"
    weights.write_text("weights")
    kept = {"number": 0, "file": "networks/000.safetensors", "sha256": sha256_file(weights), "spec": {}, "record": {}}
    given_up = {"number": 1, "rejected": [{"fault": "it diverged"}]}
    work.enter(0, kept)
    work.enter(1, given_up)
    assert (work.entry(0), work.entry(1)) == (kept, given_up)
    weights.write_text("other weights")
    assert work.entry(0) is None
    weights.unlink()
    assert work.entry(0) is None
    for text in ("", "[]", "null", '{"file": 7, "sha256": 7}', '{"number": 1', "{}"):
        (tmp_path / ".bank" / "entries" / "001.json").write_text(text)
        assert work.entry(1) is None
