"""Metrics in folders and repositories: the same distances come back, and what is damaged is named."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from bappsmith.lpips import from_pretrained, load_metric, save_pretrained
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.model.checkpoint import save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.model.pretrained import pull_metric, push_metric
from bappsmith.manifests.errors import BappsmithError

pytestmark = pytest.mark.filterwarnings("ignore:Use .content")  # of huggingface_hub itself
NAME = "someone/metric"
FORMS = ("local", "covariance")


@pytest.fixture(scope="module")
def metric() -> LPIPS:
    metric = LPIPS("alex", trunk_weights=0, taps=("features.1",), forms=FORMS)
    metric.start_heads("lpips", torch.Generator())
    return metric


@pytest.fixture(scope="module")
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.Generator().manual_seed(0)
    x, y = (torch.rand(2, 3, 32, 32, generator=drawn) for _ in range(2))
    return x, y


def test_a_folder_gives_the_same_distances(metric: LPIPS, pair: tuple[torch.Tensor, torch.Tensor], tmp_path: Path):
    folder = save_pretrained(metric, tmp_path / "one", {"data": [{"name": "a`b", "content": "c"}]})
    assert sorted(os.listdir(folder)) == ["README.md", "config.json", "model.safetensors"]
    config = json.loads((folder / "config.json").read_text())
    assert (config["net"], config["forms"], config["distance"]) == ("alex", list(FORMS), "lpips")
    for again in (from_pretrained(folder), load_metric(folder), find_metric(str(folder))):
        assert isinstance(again, LPIPS)
        assert torch.equal(again(*pair), metric(*pair))
        assert not again.training
    save_pretrained(metric, tmp_path / "two", {"data": [{"name": "a`b", "content": "c"}]})
    for name in os.listdir(folder):
        assert (folder / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_damaged_folder_is_named(metric: LPIPS, tmp_path: Path):
    folder = save_pretrained(metric, tmp_path / "one")
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(BappsmithError, match=r"model.safetensors is not the file that config.json names"):
        load_metric(folder)
    for content in (b"[]", b"{", b"{}", b" " * (2 << 20)):
        (folder / "config.json").write_bytes(content)
        with pytest.raises(BappsmithError, match=r"not the config.json of a metric of bappsmith"):
            load_metric(folder)
    (folder / "config.json").unlink()
    with pytest.raises(BappsmithError, match=r"it has no config.json"):
        load_metric(folder)


def test_a_repository_gives_the_same_distances(
    hub: Any,
    metric: LPIPS,
    pair: tuple[torch.Tensor, torch.Tensor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    save_checkpoint(tmp_path / "best.safetensors", metric, {"data": []})
    assert push_metric(tmp_path / "best.safetensors", NAME)
    assert set(hub.files(NAME, "models")) == {".gitattributes", "README.md", "config.json", "model.safetensors"}
    posts = hub.count("POST", ".*")
    assert push_metric(tmp_path / "best.safetensors", NAME)
    assert hub.count("POST", ".*") == posts
    monkeypatch.setenv("HF_TOKEN", hub.reader)
    assert torch.equal(from_pretrained(NAME)(*pair), metric(*pair))
    assert torch.equal(pull_metric(NAME, tmp_path / "pulled")(*pair), metric(*pair))
    assert sorted(os.listdir(tmp_path / "pulled")) == ["README.md", "config.json", "model.safetensors"]
    with pytest.raises(BappsmithError, match="pulled exists"):
        pull_metric(NAME, tmp_path / "pulled")


def test_what_is_no_metric_is_refused(hub: Any, metric: LPIPS, tmp_path: Path):
    with pytest.raises(BappsmithError, match="no such file"):
        push_metric(tmp_path / "none.safetensors", NAME)
    folder = save_pretrained(metric, tmp_path / "one")
    push_metric(folder, NAME, public=True)
    with pytest.raises(BappsmithError, match="exists and is public"):
        push_metric(folder, NAME)
    hub.repositories["models", NAME].add({"model.safetensors": b"another"})
    with pytest.raises(BappsmithError, match=r"model.safetensors is not the file that config.json names"):
        pull_metric(NAME, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    hub.repositories["models", NAME].add({"pytorch_model.bin": b""})
    with pytest.raises(BappsmithError, match=r"holds pytorch_model.bin, which is no file of a metric"):
        push_metric(folder, NAME, public=True)
    hub.repositories["models", NAME].commits[-1][1].pop("config.json")
    with pytest.raises(BappsmithError, match=r"holds no metric of bappsmith \(it has no config.json\)"):
        from_pretrained(NAME)
    with pytest.raises(BappsmithError, match="someone/none: no such repository"):
        from_pretrained("someone/none")
    with pytest.raises(BappsmithError, match="give USER/NAME"):
        from_pretrained("none")
