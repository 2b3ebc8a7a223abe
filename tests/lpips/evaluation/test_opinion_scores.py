"""Scores on people's scores, against scipy and counting; images of several sizes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import kendalltau, spearmanr

from bappsmith.lpips.data.mos.mos_set import MosItem, MosSet
from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.pair_accuracy import pair_accuracy
from bappsmith.lpips.evaluation.report import write_report
from bappsmith.manifests.errors import BappsmithError


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> MosSet:
    """Four references of two sizes, noise and a brighter image at four levels each, and people who mind noise more."""
    root, rng = tmp_path_factory.mktemp("mos"), np.random.default_rng(0)
    items = []
    for number in range(4):
        shape = (24 + 8 * (number % 2), 40, 3)
        reference = rng.integers(60, 180, shape).astype(np.float64)
        Image.fromarray(reference.astype(np.uint8)).save(root / f"{number}.png")
        for level in (1, 2, 3, 4):
            for kind, change in (
                ("noise", rng.normal(0, 6 * level, shape)),
                ("brighten", rng.normal(9 * level, 1, shape)),
            ):
                file = root / f"{number}-{kind}-{level}.png"
                Image.fromarray(np.clip(reference + change, 0, 255).astype(np.uint8)).save(file)
                score = 5 - level - 0.3 * (kind == "noise") + rng.normal(0, 0.1)
                items.append(MosItem(root / f"{number}.png", file, score, kind, str(level)))
    return MosSet("people", root, True, tuple(items))


def opposite(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
    return -l2(image0, image1)


def constant(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
    return torch.zeros(len(image0))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path), np.float64) / 127.5 - 1


def test_scores_agree_with_direct_computation(scored: MosSet):
    calls = []
    metrics = {"opposite": opposite, "l2": l2}
    evaluation = evaluate([], metrics, mos=[scored], resamples=200, progress=lambda *call: calls.append(call))
    scores = {(s.protocol, s.metric): s for s in evaluation.scores}
    d = [np.mean((pixels(item.reference) - pixels(item.distorted)) ** 2) for item in scored.items]
    quality = np.array([item.score for item in scored.items])
    assert scores["SROCC", "l2"].score == pytest.approx(-spearmanr(d, quality).statistic)
    assert scores["KROCC", "l2"].score == pytest.approx(-kendalltau(d, quality).statistic)
    references = [int(item.reference.stem) for item in scored.items]
    assert scores["pairs", "l2"].score == pair_accuracy(d, -quality, references, 0.5 * quality.std())
    assert scores["SROCC", "opposite"].score == pytest.approx(-scores["SROCC", "l2"].score)
    assert scores["pairs", "opposite"].score == pytest.approx(1 - scores["pairs", "l2"].score)
    assert scores["PLCC", "opposite"].score == pytest.approx(scores["PLCC", "l2"].score, abs=1e-3)
    assert scores["SROCC", "l2"].count == 32
    assert scores["pairs", "l2"].count < 4 * 28
    assert all(s.low <= s.score <= s.high for s in evaluation.scores)
    assert calls[-1] == ("people", 32, 32)
    assert {c.protocol for c in evaluation.comparisons} == {"SROCC", "KROCC", "PLCC", "pairs"}
    (compared,) = (c for c in evaluation.comparisons if c.protocol == "SROCC")
    assert (compared.metric, compared.other, compared.p < 0.05) == ("l2", "opposite", True)
    assert compared.gap == pytest.approx(2 * scores["SROCC", "l2"].score)
    assert any("pairs are of one reference, with scores more than" in note for note in evaluation.notes)


def test_the_gap_of_pairs_is_a_choice(scored: MosSet):
    counts = {}
    for gap in (0.0, 0.5, 2.0):
        evaluation = evaluate([], {"l2": l2}, mos=[scored], min_gap=gap, resamples=5)
        (counts[gap],) = (s.count for s in evaluation.scores if s.protocol == "pairs")
    assert 4 * 28 == counts[0.0] > counts[0.5] > counts[2.0] > 0


def test_scores_by_type_are_those_of_its_images(scored: MosSet):
    evaluation = evaluate([], {"l2": l2}, mos=[scored], resamples=5)
    parts = {(p.protocol, p.value): p for p in evaluation.parts}
    assert {p.by for p in evaluation.parts} == {"type", "level"}
    noisy = [item for item in scored.items if item.type == "noise"]
    d = [np.mean((pixels(item.reference) - pixels(item.distorted)) ** 2) for item in noisy]
    expected = -spearmanr(d, [item.score for item in noisy]).statistic
    assert parts["SROCC", "noise"].score == pytest.approx(expected)
    assert parts["SROCC", "noise"].count == 16
    assert parts["pairs", "noise"].count > parts["pairs", "1"].count


def test_a_metric_without_order_has_no_score_in_json_and_the_report_is_whole(scored: MosSet, tmp_path: Path):
    evaluation = evaluate([], {"l2": l2, "constant": constant}, mos=[scored, scored], resamples=20)
    rows = json.loads(json.dumps(evaluation.to_json()))["scores"]
    assert [row["score"] for row in rows if row["metric"] == "constant" and row["protocol"] == "SROCC"] == [None, None]
    assert {row["subset"] for row in rows} == {f"people in {scored.root}", f"people in {scored.root} (2)"}
    write_report(tmp_path / "r.html", evaluation, title="R")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "SROCC, × 100, on parts of people" in page
    assert "bootstrap over references and types" in page
    assert "after a straight line" in page


def test_images_of_another_size_than_their_reference_are_refused(scored: MosSet):
    one, two = scored.items[0], scored.items[-1]
    wrong = MosSet("w", scored.root, True, (one, MosItem(one.reference, two.distorted, 0.0)))
    with pytest.raises(BappsmithError, match=r"0\.png and .*3-.*\.png differ in size: 40×24 and 40×32 px"):
        evaluate([], {"l2": l2}, mos=[wrong], resamples=5)


def test_damaged_images_are_named(scored: MosSet, tmp_path: Path):
    (tmp_path / "d.png").write_bytes(scored.items[0].distorted.read_bytes()[:60])
    wrong = MosSet("w", tmp_path, True, (MosItem(scored.items[0].reference, tmp_path / "d.png", 1.0), scored.items[1]))
    with pytest.raises(BappsmithError, match=r"d\.png: not a readable image"):
        evaluate([], {"l2": l2}, mos=[wrong], resamples=5)


def test_a_metric_that_gives_no_distance_is_named(scored: MosSet):
    def broken(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
        return torch.full((len(image0),), torch.nan)

    with pytest.raises(BappsmithError, match=r"metric broken gives no distance for .*0-noise-1.png, and for 32 images"):
        evaluate([], {"broken": broken}, mos=[scored], resamples=5)
