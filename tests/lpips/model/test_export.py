"""Metrics for the published package: it loads them, and scores the same."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch

from bappsmith.lpips.model.export import export_published
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.manifests.errors import BappsmithError

from .test_lpips import EACH_NET, pair


@pytest.mark.parametrize("net", EACH_NET)
def test_the_published_package_scores_an_exported_metric_identically(with_heads, net: str, tmp_path: Path):
    import lpips  # noqa: TID251 - the published package is the oracle

    metric = with_heads(net, "lpips")
    export_published(metric, tmp_path / "metric.pth")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses torchvision's deprecated arguments
        theirs = lpips.LPIPS(net=net, model_path=str(tmp_path / "metric.pth"), pnet_rand=True, verbose=False)
    for size in ((64, 64), (65, 79)):
        image0, image1 = pair(*size)
        with torch.inference_mode():
            torch.testing.assert_close(metric(image0, image1), theirs(image0, image1), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    ("net", "kind", "taps"),
    [
        ("alex", "cosine", None),
        ("alex", "fc", None),
        ("alex", "lpips", ["features.1"]),
        ("resnet18", "lpips", None),
    ],
)
def test_what_the_published_package_cannot_hold_is_refused(net: str, kind: str, taps: list[str] | None, tmp_path: Path):
    metric = LPIPS(net, trunk_weights=0, taps=taps)
    metric.start_heads(kind, torch.Generator())
    with pytest.raises(BappsmithError, match="the published lpips package needs"):
        export_published(metric, tmp_path / "metric.pth")
    assert not (tmp_path / "metric.pth").exists()


@pytest.mark.parametrize("forms", [("structure",), ("local", "structure")])
def test_other_forms_are_refused_with_the_reason(with_heads, forms: tuple[str, ...], tmp_path: Path):
    with pytest.raises(BappsmithError) as refused:
        export_published(with_heads("alex", "lpips", forms=forms), tmp_path / "metric.pth")
    assert str(refused.value) == (
        f"this metric has form {', '.join(forms)}, and the published lpips package only has weights for differences of "
        "features at the same position (form local); train with --form local alone to export"
    )
    assert not (tmp_path / "metric.pth").exists()


def test_a_missing_folder_is_one_line(with_heads, tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"metric\.pth: folder .*nowhere does not exist; make it first"):
        export_published(with_heads("squeeze", "lpips"), tmp_path / "nowhere" / "metric.pth")


def test_equal_metrics_give_equal_files(with_heads, tmp_path: Path):
    for name in ("a.pth", "b.pth"):
        export_published(with_heads("squeeze", "lpips"), tmp_path / name)
    assert (tmp_path / "a.pth").read_bytes() == (tmp_path / "b.pth").read_bytes()
