"""Trained metrics as files, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from bappsmith.lpips.model.backbones import Trunk
from bappsmith.lpips.model.checkpoint import FORMAT, load_metric, read_facts, save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

HEADER = {"format": FORMAT, "net": "squeeze", "version": "0.1", "taps": '["features.1"]', "forms": '["local"]'}
HEADER["facts"] = "{}"


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """The tensors of a small checkpoint."""
    metric = LPIPS("squeeze", trunk_weights=0, taps=["features.1"])
    metric.start_heads("lpips", torch.Generator())
    trunk = {f"trunk.{name}": value.contiguous() for name, value in metric.trunk.state().items()}
    return trunk | metric.head_state()


def test_what_is_saved_is_loaded(tmp_path: Path, state: dict[str, torch.Tensor]):
    metric = LPIPS("squeeze", trunk_weights=3, taps=["features.1"])
    metric.start_heads("fc", torch.Generator().manual_seed(0))
    save_checkpoint(tmp_path / "a.safetensors", metric, {"é": 1})
    loaded = load_metric(tmp_path / "a.safetensors", net="squeeze")
    assert all(torch.equal(value, metric.state_dict()[name]) for name, value in loaded.state_dict().items())
    assert read_facts(tmp_path / "a.safetensors") == {"é": 1}
    save_file(state, tmp_path / "b.safetensors", metadata=HEADER)  # keys in any order
    assert load_metric(tmp_path / "b.safetensors").distance == "lpips"


def test_forms_come_back_and_files_before_forms_are_local(tmp_path: Path, state: dict[str, torch.Tensor], with_heads):
    images = torch.rand(2, 1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for kind in ("cosine", "lpips"):
        metric = with_heads("squeeze", kind, forms=("local", "mean", "structure"))
        with torch.no_grad():
            metric.scale_forms(metric.differences(*(metric.features(image) for image in images)))
        save_checkpoint(tmp_path / "a.safetensors", metric, {})
        loaded = load_metric(tmp_path / "a.safetensors")
        assert (loaded.forms, loaded.distance) == (metric.forms, kind)
        if kind == "lpips":
            torch.testing.assert_close(loaded(*images), metric(*images))
    old = {key: value for key, value in HEADER.items() if key != "forms"} | {"format": "bappsmith-lpips-2"}
    save_file(state, tmp_path / "old.safetensors", metadata=old)
    assert load_metric(tmp_path / "old.safetensors").forms == ("local",)


def test_equal_metrics_give_equal_files(tmp_path: Path):
    metric = LPIPS("squeeze", trunk_weights=0, taps=["features.1"])
    # safetensors draws the order of keys anew for every file: ten equal ones by chance are out of the question.
    for k in range(10):
        save_checkpoint(tmp_path / f"{k}.safetensors", metric, {"a": 1})
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_checkpoints_that_cannot_be_used_are_refused(tmp_path: Path):
    metric = LPIPS("squeeze", trunk_weights=0)
    save_checkpoint(tmp_path / "a.safetensors", metric, {})
    with pytest.raises(BappsmithError, match="is of net 'squeeze', asked for 'alex'"):
        load_metric(tmp_path / "a.safetensors", net="alex")
    with pytest.raises(BappsmithError, match="no such file"):
        load_metric(tmp_path / "none.safetensors")
    with pytest.raises(BappsmithError, match=r"folder .*nowhere does not exist; make it first"):
        save_checkpoint(tmp_path / "nowhere" / "a.safetensors", metric, {})
    data = (tmp_path / "a.safetensors").read_bytes()
    for name, content in {"cut": data[: len(data) // 2], "text": b"hello", "empty": b""}.items():
        (tmp_path / f"{name}.safetensors").write_bytes(content)
        with pytest.raises(BappsmithError, match=rf"{name}\.safetensors: not a \.safetensors file"):
            load_metric(tmp_path / f"{name}.safetensors")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"net": None}, "its header has no net"),
        ({"taps": None}, "its header has no taps"),
        ({"version": None}, "its header has no version"),
        ({"forms": None}, "its header has no forms"),
        ({"facts": None}, "its header has no facts"),
        ({"net": "no-such-net"}, "unknown net 'no-such-net'"),
        ({"net": "alex"}, "do not fit alexnet"),
        ({"taps": "["}, "its taps are not JSON"),
        ({"taps": "[" * 100_000}, "its taps are not JSON"),
        ({"taps": '{"features.1": 1}'}, "its taps are not a list of names"),
        ({"forms": "["}, "its forms are not JSON"),
        ({"forms": '"local"'}, "its forms are not a list of names"),
        ({"forms": '["texture"]'}, "forms must be one or more of local, mean, structure, each once; found ['texture']"),
        ({"forms": '["local", "mean"]'}, "the heads do not fit net 'squeeze' with forms local, mean: expected lin0"),
        ({"taps": '["features.99"]'}, "unknown layer of squeezenet1_1 'features.99'"),
        ({"version": "9"}, "version of LPIPS must be '0.0' or '0.1', found '9'"),
        ({"facts": "1e"}, "its facts are not JSON"),
        ({"facts": "[]"}, "its facts have another form"),
        ({"facts": '{"data": [1]}'}, "its facts have another form"),
        ({"format": "other"}, "not of a metric trained by bappsmith"),
    ],
)
def test_a_header_that_is_wrong_is_one_line(
    change: dict[str, str | None], words: str, state: dict[str, torch.Tensor], tmp_path: Path
):
    header = {key: value for key, value in {**HEADER, **change}.items() if value is not None}
    save_file(state, tmp_path / "a.safetensors", metadata=header)
    with pytest.raises(BappsmithError) as refused:
        load_metric(tmp_path / "a.safetensors")
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"checkpoint {tmp_path / 'a.safetensors'}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["trunk.features.0.weight", "lin0.model.1.weight"])
def test_weights_that_are_not_finite_are_refused_by_name(name: str, state: dict[str, torch.Tensor], tmp_path: Path):
    spoilt = {key: value.clone() for key, value in state.items()}
    spoilt[name].view(-1)[5] = torch.nan
    save_file(spoilt, tmp_path / "a.safetensors", metadata=HEADER)
    with pytest.raises(BappsmithError, match=f"{name.removeprefix('trunk.')} has values that are NaN or infinite"):
        load_metric(tmp_path / "a.safetensors")


def test_a_small_file_of_a_large_network_allocates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Trunk, "_allocate", lambda self: pytest.fail("2.5 GB for a file of 200 bytes"))
    header = {**HEADER, "net": "vit_h_14", "taps": json.dumps(["encoder.layers.encoder_layer_31"])}
    save_file({"trunk.class_token": torch.zeros(1, 1, 1280)}, tmp_path / "a.safetensors", metadata=header)
    with pytest.raises(BappsmithError, match="do not fit vit_h_14"):
        load_metric(tmp_path / "a.safetensors")


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_bytes_gives_a_metric_or_one_line(
    data: st.DataObject, state: dict[str, torch.Tensor], tmp_path: Path
):
    path = tmp_path / "a.safetensors"
    save_file(state, path, metadata=HEADER)
    content = bytearray(path.read_bytes())
    end = 8 + int.from_bytes(content[:8], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        # The header is where everything can go wrong; values are checked as a whole.
        place = data.draw(st.one_of(st.integers(0, end), st.integers(0, len(content) - 1)))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    path.write_bytes(content)
    values, refusal = {}, ""
    try:
        values = load_metric(path).state_dict()
    except BappsmithError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert all(value.isfinite().all() for value in values.values())
