"""Metrics by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError


def test_dists_needs_a_download_and_says_so(monkeypatch: pytest.MonkeyPatch):
    def no_network(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", no_network)
    monkeypatch.setattr("piq.perceptual.load_state_dict_from_url", no_network, raising=False)
    with pytest.raises(BappsmithError, match=r"DISTS cannot be downloaded \(no route to host\)"):
        find_metric("dists")


def test_metrics_are_found_by_name():
    assert find_metric("l2") is l2
    with pytest.raises(BappsmithError, match="did you mean 'ssim'"):
        find_metric("sim")
    with pytest.raises(BappsmithError, match="needs --head-weights"):
        find_metric("lpips")
    one, other = (find_metric("random", net="squeeze", seed=seed) for seed in (0, 1))
    pair = torch.rand(2, 1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert one(*pair) != other(*pair)


def test_lpips_is_the_name_of_trained_heads(tmp_path: Path):
    metric = LPIPS("squeeze", trunk_weights=0)
    metric.start_heads("lpips", torch.Generator())
    torch.save(metric.head_state(), tmp_path / "heads.pth")
    torch.save(metric.trunk.state(), tmp_path / "trunk.pth")
    found = find_metric(
        "lpips", net="squeeze", trunk_weights=tmp_path / "trunk.pth", head_weights=tmp_path / "heads.pth"
    )
    assert isinstance(found, LPIPS)
    assert found.distance == "lpips"
    with pytest.raises(
        BappsmithError, match=r"metric 'lpips' needs --head-weights FILE, such as weights/v0\.1/alex\.pth"
    ):
        find_metric("lpips")


def test_untrained_takes_forms_by_name(tmp_path: Path):
    torch.save(LPIPS("squeeze", trunk_weights=0).trunk.state(), tmp_path / "trunk.pth")
    for name, forms in (
        ("untrained", ("local",)),
        ("untrained-structure", ("structure",)),
        ("untrained-structure-local", ("local", "structure")),
    ):
        metric = find_metric(name, net="squeeze", trunk_weights=tmp_path / "trunk.pth")
        assert isinstance(metric, LPIPS)
        assert (metric.forms, metric.distance) == (forms, "cosine")
    with pytest.raises(BappsmithError, match="forms must be one or more of local, mean, structure"):
        find_metric("untrained-texture", trunk_weights=tmp_path / "trunk.pth")
