"""Baselines against scikit-image, evaluation against direct computation, and the report."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from bappsmith.lpips.baselines import BASELINES, l2, ssim
from bappsmith.lpips.data import load_subset, to_signed
from bappsmith.lpips.evaluate import evaluate, find_metric
from bappsmith.lpips.report import write_report
from bappsmith.lpips.scores import two_afc_scores
from bappsmith.manifests.errors import BappsmithError

Folders = tuple[Path, Path]


def test_ssim_is_that_of_scikit_image(tiny: Folders):
    subset = load_subset(tiny[1])
    ref, p1 = subset.images["ref"][:8], subset.images["p1"][:8]
    found = 1 - ssim(to_signed(ref), to_signed(p1))
    for i in range(8):
        one, two = (image[i].numpy().transpose(1, 2, 0) for image in (ref, p1))
        _, full = structural_similarity(
            one,
            two,
            channel_axis=2,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )
        assert found[i].item() == pytest.approx(full[5:-5, 5:-5].mean(), abs=2e-5)


def test_l2_is_the_mean_square(tiny: Folders):
    subset = load_subset(tiny[1])
    one, two = to_signed(subset.images["ref"]), to_signed(subset.images["p0"])
    expected = ((one.double() - two.double()) ** 2).mean(dim=(1, 2, 3))
    torch.testing.assert_close(l2(one, two).double(), expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_are_zero_for_equal_images_and_symmetric(name: str):
    one, two = torch.rand(2, 4, 3, 32, 40, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert BASELINES[name](one, one).tolist() == pytest.approx([0.0] * 4, abs=1e-6)
    torch.testing.assert_close(BASELINES[name](one, two), BASELINES[name](two, one))
    assert BASELINES[name](one, two).shape == (4,)
    assert BASELINES[name](one, two).min() > 0


def test_evaluation_agrees_with_direct_computation(tiny: Folders):
    calls = []
    evaluation = evaluate(
        [tiny[1]], {"l2": l2, "ssim": ssim}, resamples=200, progress=lambda *call: calls.append(call)
    )
    subset = load_subset(tiny[1])
    ref, p0, p1 = (to_signed(subset.images[name]) for name in ("ref", "p0", "p1"))
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
    gap, interval = evaluation.difference("2afc/val/tiny", "l2", "ssim")
    assert gap == pytest.approx(evaluation.scores[0].score - evaluation.scores[1].score)
    assert interval.low <= gap <= interval.high


def test_human_scores_stand_beside_fractional_votes(tmp_path: Path):
    from PIL import Image

    root = tmp_path / "2afc/val/votes"
    for folder in ("ref", "p0", "p1", "judge"):
        (root / folder).mkdir(parents=True)
    for i, judge in enumerate((0.2, 1.0)):
        for k, folder in enumerate(("ref", "p0", "p1")):
            Image.fromarray(np.full((64, 64, 3), 60 * k + i, dtype=np.uint8)).save(
                root / folder / f"{i:06d}.png"
            )
        np.save(root / "judge" / f"{i:06d}.npy", np.array([judge]))
    scores = {s.metric: s.score for s in evaluate([root], {"l2": l2}, resamples=10).scores}
    assert scores == {"l2": pytest.approx((0.8 + 0.0) / 2), "human": pytest.approx((0.04 + 0.64 + 1) / 2)}


def test_metrics_are_found_by_name():
    assert find_metric("l2") is l2
    with pytest.raises(BappsmithError, match="did you mean 'ssim'"):
        find_metric("sim")
    with pytest.raises(BappsmithError, match="needs --trunk-weights and --head-weights"):
        find_metric("published")


def test_the_report_holds_everything_in_one_file(tiny: Folders, tmp_path: Path):
    evaluation = evaluate([tiny[1]], {"<b>l2": l2, "ssim": ssim}, resamples=20)
    history = [
        {"epoch": 1, "loss": 1.0, "train_2afc": 0.5, "val_2afc": 0.6},
        {"epoch": 2, "loss": 0.5, "train_2afc": 0.7, "val_2afc": 0.8},
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_report(tmp_path / "r.html", evaluation, title="A & B", notes=["one"], history=history)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "A &amp; B" in page
    assert "&lt;b&gt;l2" in page
    assert "<b>l2" not in page
    assert "http" not in page
    for score in evaluation.scores:
        assert f"{100 * score.score:.1f} %" in page
    assert page.count('<img width="128"') % 3 == 0
