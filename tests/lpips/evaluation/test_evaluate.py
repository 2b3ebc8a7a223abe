"""Baselines against scikit-image, evaluation against direct computation, and the report."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import piq
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from bappsmith.lpips.data.subset import PackedSubset, load_subset, to_signed
from bappsmith.lpips.evaluation.baselines import BASELINES, MS_SSIM_WEIGHTS, l2, ms_ssim, psnr, ssim, vif
from bappsmith.lpips.evaluation.evaluate import evaluate, notes_on_training
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.evaluation.report import write_report
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.lpips.training.train import TrainConfig, train
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

Folders = tuple[Path, Path]


def pictures(subset: PackedSubset, folder: str, count: int = 40) -> torch.Tensor:
    return to_signed(subset.pixels[:count, subset.folders.index(folder)])


def test_ssim_is_that_of_scikit_image(tiny: Folders):
    subset = load_subset(tiny[1])
    found = 1 - ssim(pictures(subset, "ref", 8), pictures(subset, "p1", 8))
    for i in range(8):
        _, full = structural_similarity(
            subset.image("ref", i),
            subset.image("p1", i),
            channel_axis=2,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )
        assert found[i].item() == pytest.approx(full[5:-5, 5:-5].mean(), abs=2e-4)


def test_l2_is_the_mean_square(tiny: Folders):
    subset = load_subset(tiny[1])
    one, two = pictures(subset, "ref"), pictures(subset, "p0")
    expected = ((one.double() - two.double()) ** 2).mean(dim=(1, 2, 3))
    torch.testing.assert_close(l2(one, two).double(), expected, atol=1e-6, rtol=1e-5)


def noisy(levels: tuple[float, ...], side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """A smooth picture, once per level, and the same with noise of that level."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 8, 8, generator=generator) * 1.6 - 0.8
    picture = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(-1, 1)
    noise = torch.randn(1, 3, side, side, generator=generator)
    worse = torch.cat([(picture + level * noise).clamp(-1, 1) for level in levels])
    return picture.expand(len(levels), -1, -1, -1), worse


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_are_least_for_equal_images_and_grow_with_noise(name: str):
    one, two = noisy((0.0, 0.02, 0.1, 0.4))
    found = BASELINES[name](one, two)
    assert found.shape == (4,)
    assert found.dtype == torch.float32
    assert (found.diff() > 0).all()
    assert found[0].item() == pytest.approx(-200.0 if name == "psnr" else 0.0, abs=1e-5)


@pytest.mark.parametrize("name", sorted({*BASELINES} - {"vif"}))
def test_baselines_are_symmetric(name: str):
    one, two = noisy((0.02, 0.1))
    torch.testing.assert_close(BASELINES[name](one, two), BASELINES[name](two, one))


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_of_a_pair_does_not_depend_on_its_batch(name: str):
    one, two = noisy((0.02, 0.1, 0.4))
    alone = torch.cat([BASELINES[name](one[k : k + 1], two[k : k + 1]) for k in range(3)])
    torch.testing.assert_close(BASELINES[name](one, two), alone, atol=2e-6, rtol=2e-6)


@pytest.mark.parametrize("name", sorted({*BASELINES} - {"l2", "psnr"}))
def test_baselines_refuse_images_that_are_too_small(name: str):
    with pytest.raises(BappsmithError, match=r"needs images of at least (\d+)×\1 px, found 7×7"):
        BASELINES[name](torch.zeros(1, 3, 7, 7), torch.zeros(1, 3, 7, 7))


def test_psnr_is_that_of_scikit_image_and_ranks_as_l2(tiny: Folders):
    subset = load_subset(tiny[1])
    ref, p1 = pictures(subset, "ref"), pictures(subset, "p1")
    expected = [
        peak_signal_noise_ratio(subset.image("ref", k), subset.image("p1", k), data_range=255) for k in range(40)
    ]
    assert (-psnr(ref, p1)).tolist() == pytest.approx(expected, abs=1e-3)
    assert psnr(ref, p1).argsort().tolist() == l2(ref, p1).argsort().tolist()


def test_vif_takes_the_reference_first_and_more_contrast_is_no_likeness():
    one, two = noisy((0.1,))
    expected = piq.vif_p((two + 1) / 2, (one + 1) / 2, reduction="none")  # piq: the distorted image first
    torch.testing.assert_close(vif(one, two), 1 - expected)
    more = (one * 1.2).clamp(-1, 1)
    assert piq.vif_p((more + 1) / 2, (one + 1) / 2) > 1
    assert vif(one, more).item() > 0


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("value", [-1.0, 0.3])
def test_baselines_are_defined_for_images_without_structure(name: str, value: float):
    plain = torch.full((1, 3, 64, 64), value)
    assert BASELINES[name](plain, plain).isfinite().all()


def test_psnr_tells_the_least_difference_from_none():
    one = torch.zeros(1, 3, 64, 64)
    two = one.clone()
    two[0, 0, 0, 0] += 2 / 255
    # One value of 12,288 off by a level: 10·log10(255²·12288) = 89.03 dB.
    assert psnr(one, two).item() == pytest.approx(-89.03, abs=0.01)


@pytest.mark.parametrize(("side", "scales"), [(64, 3), (161, 5), (160, 4), (11, 1)])
def test_ms_ssim_takes_the_scales_that_fit(side: int, scales: int):
    one, two = noisy((0.1,), side)
    weights = torch.tensor(MS_SSIM_WEIGHTS[:scales])
    expected = 1 - piq.multi_scale_ssim((one + 1) / 2, (two + 1) / 2, scale_weights=weights, reduction="none")
    torch.testing.assert_close(ms_ssim(one, two), expected, atol=1e-5, rtol=1e-4)


def test_dists_needs_a_download_and_says_so(monkeypatch: pytest.MonkeyPatch):
    def no_network(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", no_network)
    monkeypatch.setattr("piq.perceptual.load_state_dict_from_url", no_network, raising=False)
    with pytest.raises(BappsmithError, match=r"DISTS cannot be downloaded \(no route to host\)"):
        find_metric("dists")


def test_evaluation_agrees_with_direct_computation(tiny: Folders):
    calls = []
    evaluation = evaluate([tiny[1]], {"l2": l2, "ssim": ssim}, resamples=200, progress=lambda *call: calls.append(call))
    subset = load_subset(tiny[1])
    ref, p0, p1 = (pictures(subset, name) for name in ("ref", "p0", "p1"))
    expected = two_afc_scores(l2(ref, p0), l2(ref, p1), subset.labels).mean()
    score = evaluation.scores[0]
    assert (score.subset, score.metric, score.protocol, score.count) == ("2afc/val/tiny", "l2", "2AFC", 40)
    assert score.score == pytest.approx(expected)
    assert score.low <= score.score <= score.high
    assert calls[-1] == ("2afc/val/tiny ssim", 40, 40)
    assert [s.metric for s in evaluation.scores] == [
        "l2",
        "ssim",
    ]  # unanimous votes leave nothing to say of humans
    (compared,) = evaluation.comparisons
    assert (compared.metric, compared.other) == ("ssim", "l2")
    assert compared.gap == pytest.approx(evaluation.scores[1].score - evaluation.scores[0].score)
    assert compared.low <= compared.gap <= compared.high


def write_votes(root: Path, judgments: tuple[float, ...]) -> Path:
    for folder in ("ref", "p0", "p1", "judge"):
        (root / folder).mkdir(parents=True)
    for i, judge in enumerate(judgments):
        for k, folder in enumerate(("ref", "p0", "p1")):
            pixels = np.full((64, 64, 3), 60 * k + i, dtype=np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{i:06d}.png")
        np.save(root / "judge" / f"{i:06d}.npy", np.array([judge]))
    return root


def test_means_over_subsets_are_by_subset_and_by_item(tmp_path: Path):
    one = write_votes(tmp_path / "2afc/val/one", (0.0,))
    two = write_votes(tmp_path / "2afc/val/two", (1.0, 1.0, 0.5))
    scores = {s.subset: s for s in evaluate([one, two], {"l2": l2}, resamples=50).scores}
    assert scores["2afc/val/one"].score == 1
    assert scores["2afc/val/two"].score == pytest.approx(0.5 / 3)
    assert scores["mean of subsets"].score == pytest.approx((1 + 0.5 / 3) / 2)
    assert scores["mean of items"].score == pytest.approx(1.5 / 4)
    assert scores["mean of items"].count == 4


def test_subsets_of_one_name_stay_apart(tmp_path: Path):
    one = write_votes(tmp_path / "x/2afc/val/one", (0.0,))
    two = write_votes(tmp_path / "y/2afc/val/one", (1.0,))
    scores = [s.score for s in evaluate([one, two], {"l2": l2}, resamples=5).scores]
    assert scores[:2] == [1.0, 0.0]


def test_scores_that_are_not_defined_are_null_in_json(tmp_path: Path):
    root = tmp_path / "jnd/val/none"
    for folder in ("p0", "p1", "same"):
        (root / folder).mkdir(parents=True)
    for folder in ("p0", "p1"):
        Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(root / folder / "000000.png")
    np.save(root / "same" / "000000.npy", np.array([0.0]))
    found = evaluate([root], {"l2": l2}, resamples=5).to_json()
    assert found["scores"][0]["score"] is None
    json.dumps(found, allow_nan=False)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with a manifest, of the photographs inside scikit-image."""
    distort = {"operators": ["gaussian_blur", "jpeg", "gaussian_white_noise"], "length": [1, 2]}
    subsets = [
        {"path": "2afc/val/g", "triplets": 60, "distort": distort},
        {"path": "jnd/val/g", "pairs": 60, "distort": distort},
    ]
    out = tmp_path_factory.mktemp("generated") / "data"
    generate(Recipe.from_dict({"name": "g", "subsets": subsets}), out)
    return out


def test_scores_are_broken_down_by_what_the_manifest_says(generated: Path):
    roots = [generated / "2afc/val/g", generated / "jnd/val/g"]
    evaluation = evaluate(roots, {"l2": l2, "ssim": ssim}, families={"jpeg": "compression"}, resamples=20)
    rows = pq.read_table(generated / "manifest/2afc-val-g.parquet").to_pylist()
    d0, d1 = evaluation.distances["2afc/val/g", "l2"]
    scores = two_afc_scores(d0, d1, [row["judgment"] for row in rows])
    parts = {(p.subset, p.by, p.value): p for p in evaluation.parts if p.metric == "l2"}
    with_jpeg = [k for k, row in enumerate(rows) if "jpeg" in row["operators0"] + row["operators1"]]
    jpeg = parts["2afc/val/g", "operator", "jpeg"]
    assert (jpeg.count, jpeg.score) == (len(with_jpeg), pytest.approx(scores[with_jpeg].mean()))
    assert parts["2afc/val/g", "family", "compression"].count == len(with_jpeg)
    small = [k for k, row in enumerate(rows) if abs(row["severity0"] - row["severity1"]) < 0.1]
    gap = parts["2afc/val/g", "severity gap", "0 – 0.1"]
    assert (gap.count, gap.score) == (len(small), pytest.approx(scores[small].mean()))
    gaps = [p.count for p in parts.values() if (p.subset, p.by) == ("2afc/val/g", "severity gap")]
    assert sum(gaps) == 60
    assert ("jnd/val/g", "operator", "jpeg") in parts
    photos = {row["photo"]: k for k, row in enumerate(rows)}
    assert len(set(evaluation.origins["2afc/val/g"].photo)) == len(photos)


def test_a_metric_that_saw_its_data_says_so(tiny: Folders, tmp_path: Path):
    config = TrainConfig(net="squeeze", mode="scratch", trunk_weights=None, epochs=1, decay_epochs=0)
    path = train(config, [tiny[0]], [tiny[1]], out=tmp_path / "run").checkpoint
    evaluation = evaluate(list(tiny), {"l2": l2}, resamples=5)
    trained, validated = notes_on_training(evaluation, "mine", path)
    assert trained == "mine was trained on 2afc/train/tiny"
    assert validated.startswith("mine was validated on 2afc/val/tiny")


def test_human_scores_stand_beside_fractional_votes(tmp_path: Path):
    root = write_votes(tmp_path / "2afc/val/votes", (0.2, 1.0))
    scores = {s.metric: s.score for s in evaluate([root], {"l2": l2}, resamples=10).scores}
    assert scores == {"l2": pytest.approx((0.8 + 0.0) / 2), "human": pytest.approx((0.04 + 0.64 + 1) / 2)}


def test_metrics_are_found_by_name():
    assert find_metric("l2") is l2
    with pytest.raises(BappsmithError, match="did you mean 'ssim'"):
        find_metric("sim")
    with pytest.raises(BappsmithError, match="needs --head-weights"):
        find_metric("published")
    one, other = (find_metric("random", net="squeeze", seed=seed) for seed in (0, 1))
    pair = torch.rand(2, 1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert one(*pair) != other(*pair)


def test_the_report_holds_everything_in_one_file(tiny: Folders, tmp_path: Path):
    evaluation = evaluate([tiny[1]], {"<b>l2": l2, "ssim": ssim}, resamples=20)
    history = [
        {"epoch": 1, "loss": 1.0, "train_2afc": 0.5, "val_2afc": 0.6},
        {"epoch": 2, "loss": 0.5, "train_2afc": 0.7, "val_2afc": 0.8},
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_report(tmp_path / "r.html", evaluation, title="A & B", notes=["one"], history=history)
        write_report(tmp_path / "bare.html", evaluation, title="A", history=[history[0], {**history[1]}])
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "made of" not in page  # no manifest tells
    assert "A &amp; B" in page
    assert "&lt;b&gt;l2" in page
    assert "<b>l2" not in page
    assert "http" not in page
    for score in evaluation.scores:
        assert f"{100 * score.score:.1f} %" in page
    assert page.count('<img width="128"') % 3 == 0


def test_the_report_of_a_generated_dataset_shows_what_scores_are_made_of(generated: Path, tmp_path: Path):
    roots = [generated / "2afc/val/g", generated / "jnd/val/g"]
    evaluation = evaluate(roots, {"l2": l2, "ssim": ssim}, resamples=20)
    write_report(tmp_path / "r.html", evaluation, title="G")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("What the scores on") == page.count("Distance over severity") == 2
    assert "less l2" in page
    assert "gaussian blur" in page  # captions of mistakes name the operators
