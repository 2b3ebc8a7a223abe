"""The judge `metric`, against distances and preferences worked out by hand."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import JudgeSpec, read_judge
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.judges.metric import Metric
from bappsmith.pipeline.judging import named_metric
from bappsmith.pipeline.judging.label import label
from bappsmith.pipeline.judging.registry import judge_source, make_judge

from .patches import of_images, swapped, take, triplets


def flat(*levels: int, side: int = 16) -> np.ndarray:
    """One image per level, grey."""
    return np.stack([np.full((side, side, 3), level, np.uint8) for level in levels])


def test_the_preference_is_the_logarithm_of_the_ratio_of_distances():
    images = {"ref": flat(100, 100), "p0": flat(104, 100), "p1": flat(102, 100)}
    figures = Metric(metric="l2", noise=0.5).measure(of_images(images))
    # A step of one level is 2/255 in [-1, 1]; l2 is its square.
    np.testing.assert_allclose(figures["distances"][0], [(8 / 255) ** 2, (4 / 255) ** 2], rtol=1e-5)
    preferences = Metric(metric="l2", noise=0.5).prefer(figures, "2afc")
    assert preferences[0] == pytest.approx(np.log(4) / 0.5, abs=0.02)  # ε is small against both
    assert preferences[1] == 0


def test_a_threshold_makes_weak_distances_alike():
    images = {"ref": flat(100), "p0": flat(104), "p1": flat(102)}
    d0, d1 = (8 / 255) ** 2, (4 / 255) ** 2
    judge = Metric(metric="l2", noise=0.5, threshold=0.1)
    figures = judge.measure(of_images(images))
    assert judge.prefer(figures, "2afc")[0] == pytest.approx(np.log((d0 + 0.1) / (d1 + 0.1)) / 0.5, rel=1e-4)
    assert judge.drop(figures, "2afc") == ("unseen",)
    seen = Metric(metric="l2", threshold=d0 * 0.9)
    assert seen.drop(figures, "2afc") == ("",)


def test_jnd_is_the_ratio_to_the_threshold():
    images = {"p0": flat(100, 100, 100), "p1": flat(102, 104, 100)}
    judge = Metric(metric="l2", noise=0.5, threshold=(4 / 255) ** 2)
    preferences = judge.prefer(judge.measure(of_images(images, "jnd")), "jnd")
    assert preferences[0] == pytest.approx(0, abs=1e-3)
    assert preferences[1] == pytest.approx(-np.log(4) / 0.5, abs=0.02)
    assert np.isfinite(preferences[2])
    assert preferences[2] > 10  # the same pixels
    assert judge.drop({}, "jnd") is None


def test_identical_patches_are_dropped_even_if_both_differ_from_the_reference():
    images = {"ref": flat(100, 100), "p0": flat(104, 104), "p1": flat(104, 105)}
    labels = label(
        judge := Metric(metric="l2"), judge.measure(of_images(images)), "2afc", [0, 1], name="x", seed=0, subset="s"
    )
    assert labels.dropped == ("identical", "")
    assert labels.weights.tolist() == [0, 1]


def test_pairs_within_the_band_are_dropped():
    images = {"ref": flat(100, 100), "p0": flat(104, 104), "p1": flat(105, 120)}
    judge = Metric(metric="l2", noise=2, band=0.2)
    figures = judge.measure(of_images(images))
    labels = label(judge, figures, "2afc", [0, 1], name="x", seed=0, subset="s")
    assert labels.dropped == ("indistinct", "")  # Φ(-log(25/16)/2) is 0.41, Φ(-log(25)/2) is 0.05


@pytest.mark.parametrize("name", ["gmsd", "l2", "random"])
def test_an_item_has_the_same_distance_alone_in_any_company_and_on_any_side(name: str):
    judge = Metric(metric=name)
    side = 64 if name == "random" else 16
    images = triplets(70, side)
    whole = judge.measure(of_images(images))["distances"]
    order = np.random.default_rng(1).permutation(70)
    assert np.array_equal(judge.measure(of_images(take(images, order)))["distances"], whole[order])
    for row in (0, 63, 69):
        assert np.array_equal(judge.measure(of_images(take(images, [row])))["distances"], whole[[row]])
    backward = judge.measure(of_images(swapped(images)))["distances"]
    assert np.array_equal(backward, whole[:, ::-1])
    assert np.array_equal(judge.prefer({"distances": backward}, "2afc"), -judge.prefer({"distances": whole}, "2afc"))


@pytest.mark.slow  # two processes import torch
def test_two_workers_give_what_one_gives(finished: dict[str, Path], tmp_path: Path):
    spec = read_judge("metric", ["metric=gmsd", "votes=3", "threshold=0.01"])
    rows = []
    for workers in (1, 2):
        root = shutil.copytree(finished["tar"], tmp_path / str(workers))
        judge_dataset(root, spec, "new", workers=workers)
        rows.append([row for subset in Dataset(root).subsets() for row in subset.labels("new").rows()])
    assert rows[0] == rows[1]
    assert {row["votes"] for row in rows[0]} == {3}


def test_a_dataset_made_with_it_gets_the_labels_that_judging_gives(photos: Path, tmp_path: Path):
    subset = {
        "path": "2afc/train/a",
        "triplets": 20,
        "distort": {"operators": ["jpeg", "gaussian_blur"], "length": [1]},
    }
    subset["judge"] = {"kind": "metric", "metric": "gmsd"}
    facts = {"name": "x", "patch": 16, "sources": {"path": str(photos)}, "subsets": [subset]}
    generate(Recipe.from_dict(facts), tmp_path / "data")
    judge_dataset(tmp_path / "data", read_judge("metric", ["metric=gmsd"]), "again")
    subset_ = Dataset(tmp_path / "data").sealed("2afc/train/a")
    assert subset_.labels("again").rows() == subset_.labels("recipe").rows()
    shares = subset_.labels("again").shares
    assert 0 < np.isin(shares, (0, 0.5, 1), invert=True).mean() <= 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["metric=gmsdd"], "unknown metric 'gmsdd': did you mean 'gmsd'"),
        (["metric=lpips"], "needs --head-weights"),
        (["metric=none.safetensors"], "none.safetensors cannot be read"),
        (["metric=lpips", "head_weights=none.pth"], "none.pth cannot be read"),
        (["metric=psnr"], "distances below 0"),
        (["metric=vif"], "needs images of at least 41×41"),
        (["metric=gmsd", "noise=0"], "setting 'noise'"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_one_line(
    finished: dict[str, Path], tmp_path: Path, settings: list[str], words: str
):
    root = shutil.copytree(finished["tar"], tmp_path / "data")
    with pytest.raises(BappsmithError, match=words) as refusal:
        judge_dataset(root, read_judge("metric", [*settings, "threshold=1"]), "new")
    assert "\n" not in str(refusal.value)
    assert Dataset(root).finished.labellings == ("recipe",)


def test_jnd_without_a_threshold_is_refused_before_anything_is_written(finished: dict[str, Path]):
    with pytest.raises(BappsmithError, match=r"jnd/val/a: judge metric needs a threshold for JND"):
        judge_dataset(finished["tar"], read_judge("metric", ["metric=gmsd"]), "new")
    assert not (finished["tar"] / ".bappsmith").exists()


def test_a_worker_without_torch_is_named(monkeypatch: pytest.MonkeyPatch):
    from bappsmith.pipeline.judging.label import measure

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BappsmithError, match="judge metric needs torch, which a worker does not have"):
        measure(Metric(metric="gmsd"), of_images(triplets(1)))
    with pytest.raises(BappsmithError, match="judge observers needs torch, which a worker does not have"):
        measure(make_judge(read_judge("observers", ["of={kind: metric, metric: l2}"])), of_images(triplets(1)))


def checkpoint(path: Path, seed: int) -> Path:
    from bappsmith.lpips.model.checkpoint import save_checkpoint
    from bappsmith.lpips.model.lpips import LPIPS

    save_checkpoint(path, LPIPS("alex", trunk_weights=seed), {})
    return path


@pytest.mark.slow  # networks at 64 px
def test_weights_that_change_between_runs_are_refused_and_read_again(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    subset = {"path": "2afc/train/a", "triplets": 4, "distort": {"operators": ["jpeg"], "length": [1]}}
    facts = {"name": "x", "patch": 64, "sources": {"path": str(photos)}, "subsets": [subset]}
    root = tmp_path / "data"
    generate(Recipe.from_dict(facts), root)
    file = checkpoint(tmp_path / "net.safetensors", 0)
    spec = JudgeSpec.model_validate({"kind": "metric", "metric": str(file)})
    before = judge_source(make_judge(spec))

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("bappsmith.pipeline.datasets.judge.label", stop)
        with pytest.raises(KeyboardInterrupt):
            judge_dataset(root, spec, "new")
    content = file.read_bytes()
    checkpoint(file, 1)
    assert judge_source(make_judge(spec)) != before
    with pytest.raises(BappsmithError, match="labelling 'new' by another judge was begun"):
        judge_dataset(root, spec, "new")
    shutil.rmtree(root / ".bappsmith")
    judge_dataset(root, spec, "other")
    file.write_bytes(content)
    os.utime(file, (1, 1))
    judge_dataset(root, spec, "new")
    subset_ = Dataset(root).sealed("2afc/train/a")
    assert subset_.labels("new").sources != subset_.labels("other").sources
    p = subset_.labels("new").probabilities
    assert p is not None
    np.testing.assert_allclose(p, ndtr(subset_.labels("new").preferences))


def test_rounding_errors_of_equal_images_are_no_distances_below_zero(monkeypatch: pytest.MonkeyPatch):
    judge, equal = Metric(metric="l2"), np.zeros((2, 16, 16, 3), np.uint8)
    images = {"ref": equal, "p0": equal, "p1": equal}
    monkeypatch.setattr(named_metric, "_load", lambda *_: lambda first, _: torch.full((len(first),), -2e-4))
    assert judge.distances(images).tolist() == [[0.0, 0.0]] * 2
    monkeypatch.setattr(named_metric, "_load", lambda *_: lambda first, _: torch.full((len(first),), -0.1))
    with pytest.raises(BappsmithError, match="metric l2 gives distances below 0"):
        judge.distances(images)
