"""Metrics with a name: heads that ship, and the published ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.model import named
from bappsmith.lpips.model.checkpoint import load_metric
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.model.named import load_shipped, published_heads, save_heads, shipped_metrics
from bappsmith.manifests.errors import BappsmithError

from .test_lpips import pair


@pytest.fixture
def shipped(with_heads: Callable[..., LPIPS], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LPIPS:
    """A metric whose heads ship as "own", with its trunk in trunk.pth."""
    metric = with_heads("squeeze", "lpips", forms=("local", "covariance"))
    monkeypatch.setattr(named, "FOLDER", tmp_path)
    save_heads(tmp_path / "own.safetensors", metric, {"recipe": "x"})
    torch.save(metric.trunk.state(), tmp_path / "trunk.pth")
    return metric


def test_heads_that_ship_come_back_with_their_forms(shipped: LPIPS, tmp_path: Path):
    images = pair(64, 64)
    for metric in (
        load_metric("own", trunk_weights=tmp_path / "trunk.pth"),
        find_metric("own", trunk_weights=tmp_path / "trunk.pth"),
    ):
        assert isinstance(metric, LPIPS)
        assert metric.forms == ("local", "covariance")
        with torch.inference_mode():
            torch.testing.assert_close(metric(*images), shipped(*images))


def test_equal_heads_are_equal_files(shipped: LPIPS, tmp_path: Path):
    save_heads(tmp_path / "again.safetensors", shipped, {"recipe": "x"})
    assert (tmp_path / "own.safetensors").read_bytes() == (tmp_path / "again.safetensors").read_bytes()


def test_another_trunk_is_refused(shipped: LPIPS, tmp_path: Path):
    torch.save(LPIPS("squeeze", trunk_weights=77).trunk.state(), tmp_path / "other.pth")
    with pytest.raises(
        BappsmithError, match=r"were trained on torchvision's ImageNet weights of squeeze; .*other\.pth"
    ):
        load_shipped("own", tmp_path / "other.pth")
    with pytest.raises(BappsmithError, match="is of net 'squeeze', asked for 'alex'"):
        load_metric("own", net="alex", trunk_weights=tmp_path / "trunk.pth")
    with pytest.raises(BappsmithError, match="did you mean 'own'"):
        load_shipped("owm")


def test_a_file_that_is_no_heads_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(named, "FOLDER", tmp_path)
    (tmp_path / "own.safetensors").write_bytes(b"no")
    with pytest.raises(BappsmithError, match=r"own\.safetensors: not a \.safetensors file"):
        load_shipped("own", 0)


@pytest.mark.parametrize("net", ["alex", "squeeze", "vgg"])
def test_published_heads_are_those_of_the_installed_package(net: str):
    import lpips  # noqa: TID251 - the published package is the oracle

    assert published_heads(net) == Path(lpips.__file__).parent / "weights" / "v0.1" / f"{net}.pth"


def test_published_heads_that_are_missing_say_what_to_install(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(BappsmithError, match="has none of this net"):
        published_heads("resnet18")

    def missing(name: str) -> None:
        raise named.PackageNotFoundError(name)

    monkeypatch.setattr(named, "distribution", missing)
    with pytest.raises(BappsmithError, match="is not installed; run `pip install lpips`"):
        published_heads("alex")


@pytest.mark.parametrize("name", shipped_metrics())
def test_every_metric_that_ships_has_a_model_card(name: str):
    card = (named.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    for part in ("## Data", "## Judge", "## Scores", "## Limits"):
        assert part in card
