"""Baselines against scikit-image, evaluation against direct computation, and the report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from bappsmith.lpips.data.subset import PackedSubset, load_subset, to_signed
from bappsmith.lpips.evaluation import bootstrap
from bappsmith.lpips.evaluation.baselines import l2, ssim
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.provenance import provenance
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.manifests.errors import BappsmithError

Folders = tuple[Path, Path]


def pictures(subset: PackedSubset, folder: str, count: int = 40) -> torch.Tensor:
    return to_signed(subset.pixels[:count, subset.folders.index(folder)])


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


def test_items_without_a_vote_are_left_out(tiny: Folders):
    """People judged some items only: the others have the placeholder .5, which is no judgment."""
    whole = load_subset(tiny[1])
    asked = torch.arange(len(whole)) < 10
    labels = torch.where(asked, whole.labels, 0.5)
    partly = replace(whole, labels=labels, votes=5 * asked.int(), weights=asked.float())
    evaluation = evaluate([partly], {"l2": l2}, resamples=50)
    alone = evaluate([partly.take(np.arange(10))], {"l2": l2}, resamples=50)
    assert [(row.score, row.count) for row in evaluation.scores] == [(row.score, row.count) for row in alone.scores]
    assert any("30 items have no judgment" in note for note in evaluation.notes)
    nobody = replace(partly, votes=torch.zeros(40, dtype=torch.int32), weights=torch.zeros(40))
    with pytest.raises(BappsmithError, match="no item has a judgment"):
        evaluate([nobody], {"l2": l2}, resamples=50)


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


def test_scores_are_broken_down_by_what_the_manifest_says(generated: Path):
    roots = [generated / "2afc/val/g", generated / "jnd/val/g"]
    evaluation = evaluate(roots, {"l2": l2, "ssim": ssim}, families={"jpeg": "compression"}, resamples=20)
    rows = pq.read_table(generated / "manifest/2afc-val-g.parquet").to_pylist()
    judgments = pq.read_table(generated / "labels/recipe/2afc-val-g.parquet")["judgment"].to_pylist()
    d0, d1 = evaluation.distances["2afc/val/g", "l2"]
    scores = two_afc_scores(d0, d1, judgments)
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


def test_human_scores_stand_beside_fractional_votes(tmp_path: Path):
    root = write_votes(tmp_path / "2afc/val/votes", (0.2, 1.0))
    scores = {s.metric: s.score for s in evaluate([root], {"l2": l2}, resamples=10).scores}
    assert scores == {"l2": pytest.approx((0.8 + 0.0) / 2), "human": pytest.approx((0.04 + 0.64 + 1) / 2)}


def test_the_human_score_without_agreement_with_oneself(tmp_path: Path):
    """Of 5 votes, 1: (0 + 4·3) / 20 = .6, and .04 + .64 = .68. Of 2, 1: 0, and .5. One vote says nothing of agreement."""
    subset = load_subset(write_votes(tmp_path / "2afc/val/votes", (0.2, 0.5, 1.0, 1.0)))
    subset = replace(subset, votes=torch.tensor([5, 2, 3, 1], dtype=torch.int32))
    evaluation = evaluate([subset], {"l2": l2}, resamples=10)
    scores = {s.metric: (s.count, s.score) for s in evaluation.scores}
    assert list(scores) == ["l2", "human", "human unbiased"]
    assert scores["human"] == (4, pytest.approx((0.68 + 0.5 + 1 + 1) / 4))
    assert scores["human unbiased"] == (3, pytest.approx((0.6 + 0 + 1) / 3))
    assert [row["metric"] for row in evaluation.to_json()["scores"]] == list(scores)
    # Pairs of votes that all differ; the published score is .5.
    halves = replace(subset.take(np.array([1, 1])), votes=torch.tensor([2, 2], dtype=torch.int32))
    assert [s.score for s in evaluate([halves], {"l2": l2}, resamples=10).scores[1:]] == [0.5, 0.0]


@pytest.mark.parametrize("name", ["2afc/test/x", "2afc/val/my.subset", "jnd/val/a b", "anything"])
def test_folders_of_any_name_are_scored(name: str, tmp_path: Path):
    root = write_votes(tmp_path / "bapps" / name, (0.0, 1.0))
    (score,) = evaluate([root], {"l2": l2}, resamples=5).scores
    assert (score.score, score.count) == (0.5, 2)
    assert "fingerprint" not in provenance(load_subset(root))


def test_loaded_subsets_are_scored_beside_folders(tiny: Folders):
    subset = load_subset(tiny[1])
    relabelled = replace(subset, labels=1 - subset.labels)
    evaluation = evaluate([tiny[1], subset, relabelled], {"l2": l2}, resamples=20)
    one, same, other = (s for s in evaluation.scores if "mean" not in s.subset)
    assert (one.score, one.low, one.high) == (same.score, same.low, same.high)
    assert other.score == pytest.approx(1 - one.score)
    assert len(evaluation.subsets) == 3


def test_a_metric_that_gives_nan_is_named(tiny: Folders):
    def broken(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
        number = torch.arange(len(image0), device=image0.device)
        return l2(image0, image1).masked_fill(number == 3, torch.nan)

    with pytest.raises(
        BappsmithError, match=r"metric mine gives no distance \(NaN\) for 000003 of 2afc/val/tiny, and for 1 "
    ):
        evaluate([tiny[1]], {"l2": l2, "mine": broken}, resamples=5)


def test_items_are_drawn_once_for_all_metrics(tiny: Folders, monkeypatch: pytest.MonkeyPatch):
    drawn = []
    real = bootstrap._resample
    monkeypatch.setattr(bootstrap, "_resample", lambda *given: (drawn.append(given), real(*given))[1])
    evaluation = evaluate([tiny[1]], {"l2": l2, "again": l2, "ssim": ssim}, resamples=50)
    assert len(drawn) == 1
    one, same, _ = evaluation.scores
    assert (one.low, one.high) == (same.low, same.high)
    assert evaluate([tiny[1]], {"ssim": ssim}, resamples=50).scores[0] == evaluation.scores[2]
