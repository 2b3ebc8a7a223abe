"""Scores on labelled pairs by hand, with and without a gallery, and what notes say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bappsmith.lpips.data.retrieval.pair_set import Pair, PairSet
from bappsmith.lpips.evaluation.areas import average_precision, roc_auc
from bappsmith.lpips.evaluation.baselines import l2
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.evaluation import Evaluation
from bappsmith.lpips.evaluation.report import write_report
from bappsmith.lpips.evaluation.retrieval import Retrieval
from bappsmith.manifests.errors import BappsmithError


def grey(path: Path) -> np.ndarray:
    """An image whose name is its grey value; heights differ."""
    value = int(path.name)
    return np.full((16 + value % 3, 20, 3), value, np.uint8)


def labelled(*rows: tuple[int, int, float | None]) -> PairSet:
    pairs = tuple(Pair(str(query), str(candidate), share, 4 * (share is not None)) for query, candidate, share in rows)
    return PairSet(Path("images"), Path("pairs.csv"), pairs)


# Distances of queries 0 and 100 are the squares of the differences in grey.
PAIRS = labelled(
    (0, 10, 0.25), (0, 20, 1), (0, 30, 0), (0, 40, 1),
    (100, 110, 0.75), (100, 120, 0), (100, 130, 0.5), (100, 140, None),
    (200, 210, 0), (200, 220, 0),
)  # fmt: skip


def scores(evaluation: Evaluation, metric: str = "l2") -> dict[str, float]:
    return {score.protocol: score.score for score in evaluation.scores if score.metric == metric}


def test_scores_over_judged_pairs_by_hand():
    calls = []
    retrieval = Retrieval(PAIRS, grey, ks=(1, 2), size=16)
    evaluation = evaluate(
        [], {"l2": l2}, retrieval=[retrieval], resamples=200, progress=lambda *call: calls.append(call)
    )
    distance = [10, 20, 30, 40, 10, 20, 10, 20]
    similar = [0, 1, 0, 1, 1, 0, 0, 0]
    assert scores(evaluation) == pytest.approx(
        {
            "ROC-AUC": roc_auc(distance, similar),
            "PR-AUC": average_precision(distance, similar),
            "HR@1": 0.5,
            "HR@2": 1.0,
            "MRR@1": 0.5,
            "MRR@2": 0.75,
            "P@1": 0.5,
            "P@2": 0.5,
        }
    )
    assert [s.count for s in evaluation.scores] == [8, 8, 2, 2, 2, 2, 2, 2]
    assert all(s.low <= s.score <= s.high and s.subset == "pairs.csv" for s in evaluation.scores)
    assert calls[-1] == ("pairs.csv", 8, 8)
    notes = "\n".join(evaluation.notes)
    assert "images were scaled to 16×16 px" in notes
    assert "8 judged pairs, 37.5 % similar, which is the PR-AUC of a random order; 2 without a majority" in notes
    assert "1 of 3 queries have no similar candidate" in notes
    assert "1 of 2 queries have at most 2 judged candidates: HR@2 over judged pairs is 100 %" in notes
    assert "at most 1 judged" not in notes


def test_a_gallery_counts_unjudged_images_as_not_similar():
    gallery = ["0", "5", "10", "15", "100", "105"]
    retrieval = Retrieval(PAIRS, grey, gallery, ks=(1, 2, 4), size=16)
    got = scores(evaluate([], {"l2": l2}, retrieval=[retrieval], resamples=20))
    # Query 0: 5, 10 (different), 15, 20 (similar), 30, 40. Query 100: 105, 110 (similar), 120, 130, …
    assert {name: got[name] for name in got if "gallery" in name or "judged" in name} == pytest.approx(
        {
            "HR@1 gallery": 0, "MRR@1 gallery": 0, "P@1 gallery": 0, "judged@1": 0,
            "HR@2 gallery": 0.5, "MRR@2 gallery": 0.25, "P@2 gallery": 0.25, "judged@2": 0.5,
            "HR@4 gallery": 1, "MRR@4 gallery": 0.375, "P@4 gallery": 0.25, "judged@4": 0.5,
        }
    )  # fmt: skip
    assert got["HR@1"] == 0.5


def test_copies_of_the_query_are_not_ranked_unless_they_were_judged():
    def copies(path: Path) -> np.ndarray:
        return grey(Path(path.name.removeprefix("copy-")))

    retrieval = Retrieval(PAIRS, copies, ["0", "copy-0", "copy-100"], ks=(1,), size=16)
    got = scores(evaluate([], {"l2": l2}, retrieval=[retrieval], resamples=20))
    assert (got["judged@1"], got["HR@1 gallery"]) == (1, 0.5)
    judged = replace(PAIRS, pairs=(*PAIRS.pairs, Pair("0", "copy-0", 1.0, 4)))
    got = scores(evaluate([], {"l2": l2}, retrieval=[replace(retrieval, pairs=judged)], resamples=20))
    assert got["HR@1 gallery"] == 1


def test_ties_and_comparisons_and_the_report(tmp_path: Path):
    def constant(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(image0))

    retrieval = Retrieval(PAIRS, grey, ["0", "100"], ks=(1,), size=16)
    evaluation = evaluate([], {"constant": constant, "l2": l2}, retrieval=[retrieval, retrieval], resamples=50)
    got = scores(evaluation, "constant")
    assert (got["ROC-AUC"], got["PR-AUC"], got["HR@1"]) == pytest.approx((0.5, 3 / 8, (2 / 4 + 1 / 2) / 2))
    compared = [c.protocol for c in evaluation.comparisons if c.subset == "pairs.csv"]
    assert compared == ["ROC-AUC", "PR-AUC", *(f"{p}@1{g}" for g in ("", " gallery") for p in ("HR", "MRR", "P"))]
    assert {score.subset for score in evaluation.scores} == {"pairs.csv", "pairs.csv (2)"}
    assert evaluation.distances["pairs.csv", "l2"][0].shape == (8,)
    json.dumps(evaluation.to_json())
    write_report(tmp_path / "r.html", evaluation, title="R")
    assert "judged@k: share of the k nearest" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_inverse_probabilities_of_inclusion_weigh_areas():
    shares = {0: 1.0, 1: 0.25}
    pairs = tuple(replace(pair, inclusion=shares[k % 2]) for k, pair in enumerate(PAIRS.pairs[:4]))
    evaluation = evaluate(
        [], {"l2": l2}, retrieval=[Retrieval(replace(PAIRS, pairs=pairs), grey, ks=(1,), size=16)], resamples=20
    )
    distance, similar = [10, 20, 30, 40], [0, 1, 0, 1]
    often = [1, 4, 1, 4]
    got = scores(evaluation)
    assert got["ROC-AUC weighted"] == pytest.approx(roc_auc(np.repeat(distance, often), np.repeat(similar, often)))
    assert got["PR-AUC weighted"] == pytest.approx(
        average_precision(np.repeat(distance, often), np.repeat(similar, often))
    )
    assert any("inverse probabilities" in note for note in evaluation.notes)
    assert "ROC-AUC weighted" not in scores(evaluate([], {"l2": l2}, retrieval=[Retrieval(PAIRS, grey, size=16)]))


def test_intervals_are_over_queries():
    rows = [(query, query + step, float(step == 1)) for query in range(0, 200, 10) for step in (1, 2, 3)]
    evaluation = evaluate([], {"l2": l2}, retrieval=[Retrieval(labelled(*rows), grey, ks=(1,), size=16)])
    assert all(s.low == s.score == s.high == 1 for s in evaluation.scores if s.protocol != "PR-AUC")


@pytest.mark.parametrize(("kind", "share"), [("similar", 0.0), ("different", 1.0), ("similar", None)])
def test_both_kinds_are_needed(kind: str, share: float | None):
    with pytest.raises(BappsmithError, match=rf"pairs\.csv: no pair is {kind} by most votes"):
        evaluate([], {"l2": l2}, retrieval=[Retrieval(labelled((0, 1, share)), grey)])


def test_a_metric_that_gives_no_distance_is_named():
    def broken(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
        return torch.full((len(image0),), torch.nan)

    with pytest.raises(BappsmithError, match="metric broken gives no distance for 0 and 10, and for 8 pairs of pairs"):
        evaluate([], {"broken": broken}, retrieval=[Retrieval(PAIRS, grey, size=16)])

    def sometimes(image0: torch.Tensor, image1: torch.Tensor) -> torch.Tensor:
        return torch.where(image1.mean(dim=(1, 2, 3)) < -0.95, torch.nan, l2(image0, image1))

    with pytest.raises(BappsmithError, match="metric sometimes gives no distance for 0 and some image of pairs"):
        evaluate([], {"sometimes": sometimes}, retrieval=[Retrieval(PAIRS, grey, ["5"], size=16)])
