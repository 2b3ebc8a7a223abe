"""Weights that nobody vouches for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.model.weights import read_state
from bappsmith.manifests.errors import BappsmithError


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_trunk_weights_that_are_not_finite_are_refused_by_name(value: float, tmp_path: Path):
    state = Trunk("squeeze", 0).state()
    state["features.3.squeeze.weight"][1, 2] = value
    torch.save(state, tmp_path / "trunk.pth")
    with pytest.raises(
        BappsmithError, match=r"trunk\.pth: features\.3\.squeeze\.weight has values that are NaN or inf"
    ):
        LPIPS("squeeze", trunk_weights=tmp_path / "trunk.pth")


def test_weights_that_are_finite_in_the_file_alone_are_refused(tmp_path: Path):
    state = {name: value.double() for name, value in Trunk("squeeze", 0).state().items()}
    state["features.0.bias"][0] = 1e300  # infinite as float32
    torch.save(state, tmp_path / "trunk.pth")
    with pytest.raises(BappsmithError, match=r"features\.0\.bias has values that are NaN or infinite"):
        LPIPS("squeeze", trunk_weights=tmp_path / "trunk.pth")


def test_a_variance_below_zero_is_refused(tmp_path: Path):
    state = Trunk("resnet18", 0, ["relu"]).state()
    state["bn1.running_var"][3] = -1
    torch.save(state, tmp_path / "trunk.pth")
    with pytest.raises(BappsmithError, match=r"bn1\.running_var has values below 0"):
        LPIPS("resnet18", trunk_weights=tmp_path / "trunk.pth", taps=["relu"])


@pytest.mark.filterwarnings("ignore:Validating sparse tensor")
@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(1).expand(10**12),  # one number in memory
        torch.zeros(2, 2).to_sparse(),
        torch.empty(10**9, device="meta"),
        torch.zeros(2, dtype=torch.complex64),
        "text",
    ],
)
def test_what_is_no_dense_tensor_is_refused(value: object, tmp_path: Path):
    torch.save({"features.0.weight": value}, tmp_path / "trunk.pth")
    with pytest.raises(BappsmithError, match=r"trunk\.pth: expected a state dict"):
        read_state(tmp_path / "trunk.pth", "trunk weights")


def test_compressed_weights_are_refused(tmp_path: Path):
    torch.save({"features.0.weight": torch.zeros(1000)}, tmp_path / "plain.pth")
    with zipfile.ZipFile(tmp_path / "plain.pth") as plain, zipfile.ZipFile(tmp_path / "bomb.pth", "w") as bomb:
        for entry in plain.infolist():
            bomb.writestr(entry.filename, plain.read(entry), zipfile.ZIP_DEFLATED)
    assert read_state(tmp_path / "plain.pth", "trunk weights").keys() == {"features.0.weight"}
    with pytest.raises(BappsmithError, match=r"bomb\.pth: not a PyTorch weights file \(it is compressed\)"):
        read_state(tmp_path / "bomb.pth", "trunk weights")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_bytes_gives_dense_tensors_or_one_line(data: st.DataObject, tmp_path: Path):
    path = tmp_path / "weights.pth"
    torch.save({"a": torch.zeros(3), "b": torch.ones(2, 2)}, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    path.write_bytes(content)
    state, refusal = {}, ""
    try:
        state = read_state(path, "trunk weights")
    except BappsmithError as error:
        refusal = str(error)
    assert all(value.layout == torch.strided for value in state.values())
    assert "\n" not in refusal
