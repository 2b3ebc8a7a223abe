"""Distances on a GPU are those on a CPU, because convolutions use all digits there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.evaluation.compare import compare
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.model.lpips import LPIPS
from bappsmith.lpips.precision import full_precision
from bappsmith.lpips.training.config import TrainConfig
from bappsmith.lpips.training.train import train

Folders = tuple[Path, Path]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What metrics saw of torch's setting, which is on outside."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    return []


def watching(seen: list[bool]) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    def metric(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        seen.append(torch.backends.cudnn.allow_tf32)
        return (first - second).abs().mean(dim=(1, 2, 3))

    return metric


def test_scores_are_computed_with_all_digits(few: Folders, seen: list[bool]):
    evaluate([few[1]], {"watching": watching(seen)}, resamples=10)
    assert set(seen) == {False}
    assert torch.backends.cudnn.allow_tf32


def test_given_images_are_compared_with_all_digits(tmp_path: Path, seen: list[bool]):
    compare({"a": (tmp_path, tmp_path)}, {"watching": watching(seen)}, lambda _: np.zeros((32, 32, 3), np.uint8))
    assert seen == [False]
    assert torch.backends.cudnn.allow_tf32


def test_differences_for_training_are_computed_with_all_digits(
    few: Folders, tmp_path: Path, seen: list[bool], monkeypatch: pytest.MonkeyPatch
):
    def activations(metric: LPIPS, images: torch.Tensor) -> list[torch.Tensor]:
        seen.append(torch.backends.cudnn.allow_tf32)
        return activate(metric, images)

    activate = LPIPS.activations
    monkeypatch.setattr(LPIPS, "activations", activations)
    config = TrainConfig(net="squeeze", trunk_weights=1, epochs=1, decay_epochs=0)
    train(config, [few[0]], out=tmp_path / "out", cache=tmp_path)
    assert set(seen) == {False}
    assert torch.backends.cudnn.allow_tf32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_distances_of_the_cpu(few: Folders, with_heads: Callable[..., LPIPS]):
    subset, metric = load_subset(few[1]), with_heads("alex", "lpips")
    on_cpu = distances(metric, subset)
    with full_precision():
        on_gpu = distances(metric.to("cuda"), subset, device=torch.device("cuda"))
    assert np.abs(np.array(on_cpu) - np.array(on_gpu)).max() < 1e-5 * max(1, np.max(on_cpu))
