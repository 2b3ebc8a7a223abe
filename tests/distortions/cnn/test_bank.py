"""The index of a bank."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.sealed_json import read_sealed, sealed_bytes
from bappsmith.manifests.store.local import LocalStore

Edit = Callable[[dict[str, Any]], Any]


@pytest.fixture
def copy(bank: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bank, tmp_path / "copy")


def edited(root: Path, edit: Edit) -> Path:
    index = read_sealed(LocalStore(root), "bank.json")
    edit(index)
    (root / "bank.json").write_bytes(sealed_bytes(index))
    return root


def test_a_bank_is_read_as_it_was_written(bank: Path, copy: Path):
    read = read_bank(bank)
    assert [network.path.name for network in read.networks] == ["000.safetensors", "001.safetensors", "002.safetensors"]
    assert read.photographs == frozenset()
    assert read_bank(copy).sha256 == read.sha256
    assert read_bank(edited(copy, lambda index: index["networks"].pop())).sha256 != read.sha256


def test_the_error_of_a_network_is_that_of_its_record_and_decides_pixels(bank: Path, copy: Path):
    edited(copy, lambda index: index["networks"][0]["record"].update(error=20.0))
    assert read_bank(copy).networks[0].error == 20.0
    assert read_bank(copy).sha256 != read_bank(bank).sha256


def test_a_bank_whose_networks_leave_a_rim_is_refused(copy: Path):
    edited(copy, lambda index: index.update(format="bappsmith-bank-1"))
    with pytest.raises(BappsmithError, match=r"bank\.json is of an older version .*; train the bank again$"):
        read_bank(copy)


def test_a_folder_without_an_index_is_no_bank(tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"is not a bank \(bank\.json is missing\)"):
        read_bank(tmp_path)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format": "bappsmith-bank-2"}', b'{"networks": 1e999}'],
)
def test_an_index_that_is_none_is_refused_in_one_line(copy: Path, text: bytes):
    (copy / "bank.json").write_bytes(text)
    with pytest.raises(BappsmithError, match=r"bank\.json is (damaged|not an index)") as refused:
        read_bank(copy)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (lambda index: index.update(format="bappsmith-bank-9"), "format"),
        (lambda index: index.update(networks=[]), "networks"),
        (lambda index: index.pop("photographs"), "photographs"),
        (lambda index: index.update(photographs=["x"]), r"photographs\.0"),
        (lambda index: index["networks"][1].pop("record"), r"networks\.1\.record"),
        (lambda index: index["networks"][1]["record"].pop("error"), r"networks\.1\.record\.error"),
        (lambda index: index["networks"][1]["record"].update(error=0), r"networks\.1\.record\.error"),
        (lambda index: index["networks"][1]["record"].update(error=float("nan")), r"networks\.1\.record\.error"),
        (lambda index: index["networks"][0].update(file="../../etc/passwd"), r"networks\.0\.file"),
        (lambda index: index["networks"][0].update(file="/etc/passwd"), r"networks\.0\.file"),
        (lambda index: index["networks"][0].update(sha256="x"), r"networks\.0\.sha256"),
        (lambda index: index["networks"][0]["spec"].pop("levels"), r"networks\.0\.spec\.levels"),
        (lambda index: index["networks"][0]["spec"].update(first_width=10**9), r"networks\.0\.spec\.first_width"),
        (lambda index: index["networks"][0].update(spec=7), r"networks\.0\.spec"),
    ],
)
def test_a_wrong_key_is_named_in_one_line(copy: Path, edit: Edit, where: str):
    edited(copy, edit)
    with pytest.raises(BappsmithError, match=rf"bank\.json is not an index of a bank: {where}: ") as refused:
        read_bank(copy)
    assert "\n" not in str(refused.value)
