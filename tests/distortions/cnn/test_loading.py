"""Banks under names."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bappsmith.distortions import operator, operators
from bappsmith.distortions.cnn.bank import read_bank
from bappsmith.distortions.cnn.loading import load_bank
from bappsmith.manifests.errors import BappsmithError


def test_loading_a_bank_is_light(bank: Path):
    code = (
        "import sys; from bappsmith.distortions import load_plugin, operators;"
        "before = set(operators()); "
        "print(sorted(load_plugin(sys.argv[1])), 'denoiser' in before, 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(bank)], capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "['denoiser', 'reweighted_denoiser'] False False", run.stderr


def test_a_second_bank_has_a_name_and_leaves_the_first_as_it_was(bank: Path, other_bank: Path):
    assert load_bank(bank) == ["denoiser", "reweighted_denoiser"]
    first = operator("denoiser")
    assert load_bank(other_bank, "soft") == ["soft_denoiser", "soft_reweighted_denoiser"]
    assert operator("denoiser") is first
    assert (first.content, operator("soft_denoiser").content) == (read_bank(bank).sha256, read_bank(other_bank).sha256)


def test_the_same_bank_again_changes_nothing_and_another_is_refused_whole(bank: Path, other_bank: Path):
    load_bank(bank, "soft")
    before = operators()
    load_bank(bank, "soft")
    assert operators() == before
    with pytest.raises(
        BappsmithError, match=rf"^bank {other_bank}: an operator 'soft_denoiser' of another bank or file"
    ):
        load_bank(other_bank, "soft")
    assert operators() == before


def test_a_missing_file_and_a_bad_name_are_refused(bank: Path, tmp_path: Path):
    copy = shutil.copytree(bank, tmp_path / "copy")
    (copy / "networks" / "001.safetensors").unlink()
    with pytest.raises(BappsmithError, match=r"001\.safetensors is missing"):
        load_bank(copy)
    with pytest.raises(BappsmithError, match="lower-case letters, digits and underscores; found 'My bank'"):
        load_bank(bank, "My bank")


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("denoiser", "--bank FOLDER"),
        ("reweighted_denoiser", "--bank FOLDER"),
        ("soft_denoiser", "--bank soft=FOLDER"),
        ("soft_reweighted_denoiser", "--bank soft=FOLDER"),
    ],
)
def test_an_operator_of_a_bank_that_is_not_loaded_says_how(name: str, option: str):
    with pytest.raises(BappsmithError, match=rf"unknown operator '{name}': it draws from a bank.*{option} "):
        operator(name)
