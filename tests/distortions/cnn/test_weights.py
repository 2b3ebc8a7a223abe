"""The weights of a network, from files that may be anything."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save, save_file
from torch import Tensor

from bappsmith.distortions.cnn.bank import Network, read_bank
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.manifests.errors import BappsmithError


def with_bytes(network: Network, data: bytes, folder: Path) -> Network:
    """The same network with another file, whose hash is right."""
    path = folder / "network.safetensors"
    path.write_bytes(data)
    return replace(network, path=path, sha256=hashlib.sha256(data).hexdigest())


def test_weights_are_those_of_the_file_and_ready_to_run(bank: Path):
    network = read_bank(bank).networks[0]
    loaded = load_network(network)
    assert all((value == loaded.state_dict()[name]).all() for name, value in load_file(network.path).items())
    assert not loaded.training
    assert not any(weight.requires_grad for weight in loaded.parameters())
    assert load_network(network) is loaded


def test_another_file_than_the_banks_is_refused(bank: Path, tmp_path: Path):
    copy = shutil.copytree(bank, tmp_path / "copy")
    first, second, _ = read_bank(copy).networks
    shutil.copy(first.path, second.path)
    with pytest.raises(BappsmithError, match=r"001\.safetensors: not the file that its bank was made with"):
        load_network(second)
    second.path.unlink()
    with pytest.raises(BappsmithError, match=r"001\.safetensors: cannot be opened \(No such file"):
        load_network(second)


Edit = Callable[[dict[str, Tensor]], object]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda state: state["last.bias"].fill_(math.nan), "last.bias holds numbers that are not finite"),
        (
            lambda state: state["last.weight"].view(-1)[3].fill_(math.inf),
            "last.weight holds numbers that are not finite",
        ),
        (lambda state: state.pop("last.bias"), r"weights do not match its spec \(last.bias differs\)"),
        (lambda state: state.update(extra=torch.zeros(1)), r"\(extra differs\)"),
        (lambda state: state.update({"last.bias": torch.zeros(4)}), r"\(last.bias differs\)"),
        (lambda state: state.update({"last.bias": torch.zeros(3, dtype=torch.float64)}), r"\(last.bias differs\)"),
    ],
)
def test_other_weights_than_the_specs_are_named_in_one_line(bank: Path, tmp_path: Path, edit: Edit, words: str):
    network = read_bank(bank).networks[0]
    state = load_file(network.path)
    edit(state)
    with pytest.raises(BappsmithError, match=words) as refused:
        load_network(with_bytes(network, save(state), tmp_path))
    assert "\n" not in str(refused.value)


def test_only_safetensors_are_read_and_no_more_than_a_network_has(bank: Path, tmp_path: Path):
    network = read_bank(bank).networks[0]
    torch.save(load_file(network.path), tmp_path / "pickled")
    with pytest.raises(BappsmithError, match=r"not a \.safetensors file"):
        load_network(with_bytes(network, (tmp_path / "pickled").read_bytes(), tmp_path))
    save_file(load_file(network.path) | {"extra": torch.zeros(1 << 20)}, tmp_path / "large")
    with pytest.raises(BappsmithError, match="larger than"):
        load_network(with_bytes(network, (tmp_path / "large").read_bytes(), tmp_path))
    sparse = with_bytes(network, b"", tmp_path)
    os.truncate(sparse.path, 1 << 40)  # a terabyte of nothing, which takes no space
    with pytest.raises(BappsmithError, match="larger than"):
        load_network(sparse)
