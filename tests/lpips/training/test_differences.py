"""What heads see, computed once: the same distances, and dropout by its two moments."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.lpips.model.forms import Form, split, widths
from bappsmith.lpips.training import differences as module
from bappsmith.lpips.training.differences import differences, gather, gather_spread, spread
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.labels import label_bytes


@pytest.mark.parametrize(
    ("kind", "forms"),
    [
        ("cosine", ("local",)),
        ("lpips", ("local",)),
        ("fc", ("local",)),
        ("lpips", ("mean",)),
        ("cosine", ("structure",)),
        ("lpips", ("local", "structure")),
        ("lpips", ("local", "covariance")),
        ("lpips", ("local", "mean", "structure")),
    ],
)
def test_distances_from_cached_differences_are_those_of_the_images(
    with_heads, kind: str, forms: tuple[Form, ...], few: tuple[Path, Path]
):
    metric, subset = with_heads("squeeze", kind, forms=forms), load_subset(few[1])
    found = differences(metric, subset)
    columns = gather([found], forms, torch.arange(20))
    assert columns.shape == (20, 2, sum(widths(forms, metric.trunk.channels)))
    with torch.inference_mode():
        cached = metric.weigh(columns.flatten(0, 1)).view(-1, 2)
    for side, direct in enumerate(distances(metric, subset)):
        torch.testing.assert_close(cached[:, side], torch.from_numpy(direct), atol=1e-6, rtol=1e-5)


@pytest.mark.slow
def test_dropout_has_the_mean_and_the_variance_that_are_cached(with_heads):
    metric = with_heads("alex", "lpips")
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, 64, 64, generator=generator) * 2 - 1
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        one, two = split(metric.features(images), (1, 1))
        mean, sigma = metric.differences(one, two), spread(one["local"], two["local"])
        rate = 0.3
        drawn = torch.cat([metric.weigh(metric.differences(one, two, rate)) for _ in range(4000)])
        weights = torch.cat([head.detach() for head in metric.heads or ()])
        variance = (weights**2 * rate / (1 - rate) * sigma**2).sum()
    # Standard errors: of the mean σ/√4000, of the variance about σ²·√(2/4000).
    assert drawn.mean().item() == pytest.approx(metric.weigh(mean).item(), abs=4 * variance.sqrt().item() / 4000**0.5)
    assert drawn.var().item() == pytest.approx(variance.item(), rel=0.1)


def test_the_trunk_runs_once_until_it_or_the_data_changes(
    with_heads, few: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    subset = load_subset(few[1], cache=tmp_path)
    runs = []
    real = module._compute
    monkeypatch.setattr(module, "_compute", lambda *given: (runs.append(1), real(*given))[1])
    differences(with_heads("squeeze", "lpips"), subset)
    differences(with_heads("squeeze", "fc"), subset)  # heads are no matter
    differences(with_heads("squeeze", "lpips", forms=("mean", "structure")), subset)  # nor are forms
    assert len(runs) == 1
    differences(with_heads("squeeze", "lpips", seed=3), subset)
    assert len(runs) == 2
    differences(with_heads("squeeze", "lpips"), load_subset(few[0], cache=tmp_path))
    assert len(runs) == 3


def test_another_labelling_does_not_run_the_trunk_again(
    with_heads, few: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = Path(shutil.copytree(few[1].parents[2], tmp_path / "data")) / "2afc/val/tiny"
    metric = with_heads("squeeze", "lpips")
    before = load_subset(root)
    computed = differences(metric, before)
    for path in (root / "judge").iterdir():
        path.write_bytes(label_bytes(0.25))
    monkeypatch.setattr(metric.trunk, "forward", lambda *_: pytest.fail("the trunk ran"))
    after = load_subset(root)
    assert after.labels.tolist() == [0.25] * 20
    assert (after.pixels_sha256, after.content != before.content) == (before.pixels_sha256, True)
    assert torch.equal(differences(metric, after).of_form["local"], computed.of_form["local"])


@pytest.mark.parametrize("cache", [True, False])
def test_differences_of_a_packed_dataset_stand_outside_of_it(with_heads, write_packed, cache: bool, tmp_path: Path):
    root = write_packed(tmp_path / "data", 32)
    subset = load_subset(root, cache=tmp_path / "cache" if cache else None)
    differences(with_heads("squeeze", "lpips"), subset)
    assert [path.name for path in (tmp_path / "data").rglob("*") if path.is_file()] == ["packed.safetensors"]
    folder = tmp_path / ("cache" if cache else "data-packed")
    (path,) = folder.glob("*.differences.safetensors")
    assert path.name.startswith("data-2afc-val-tiny-" if cache else "2afc-val-tiny.")


def test_a_damaged_file_is_one_line(with_heads, few: tuple[Path, Path], tmp_path: Path):
    metric, subset = with_heads("squeeze", "lpips"), load_subset(few[1], cache=tmp_path)
    differences(metric, subset)
    (path,) = tmp_path.glob("*.differences.safetensors")
    with safe_open(path, framework="numpy") as file:
        facts = file.metadata()
    save_file({"mean": np.zeros((1, 2, 3), np.float32)}, path, metadata=facts)
    with pytest.raises(BappsmithError, match="not the differences of 20 triplets; remove this file"):
        differences(metric, subset)


def test_parts_are_gathered_by_position(with_heads, few: tuple[Path, Path], tmp_path: Path):
    metric = with_heads("squeeze", "lpips")
    parts = [differences(metric, load_subset(folder, cache=tmp_path)) for folder in few]
    positions = torch.tensor([39, 0, 20, 19, 21, 0])
    forms: tuple[Form, ...] = ("local", "structure")
    whole = torch.cat([torch.cat([part.of_form[form] for form in forms], dim=2) for part in parts])
    assert torch.equal(gather(parts, forms, positions), whole[positions])
    assert torch.equal(gather_spread(parts, positions), torch.cat([part.spread for part in parts])[positions])
