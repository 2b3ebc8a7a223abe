"""Scores with inverse weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bappsmith.lpips.evaluation.baselines import BASELINES
from bappsmith.lpips.evaluation.evaluate import evaluate
from bappsmith.lpips.evaluation.inverse_weights import effective_count, inverse_weights, weighted
from bappsmith.lpips.evaluation.scores import jnd_map, jnd_map_statistic, mean_statistic
from bappsmith.manifests.errors import BappsmithError


def test_a_weight_counts_like_copies_of_an_item():
    weights = np.array([1.0, 3.0, 2.0])
    everything = np.ones((1, 3))
    scores = np.array([0.2, 0.5, 0.9])
    copies = np.repeat(scores, [1, 3, 2])
    assert weighted(mean_statistic(scores), weights)(everything)[0] == pytest.approx(copies.mean())
    distance, same = np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.3, 0.6])
    repeated = jnd_map(np.repeat(distance, [1, 3, 2]), np.repeat(same, [1, 3, 2]))
    assert weighted(jnd_map_statistic(distance, same), weights)(everything)[0] == pytest.approx(repeated)


@pytest.mark.parametrize("wrong", [0.0, np.nan, 1.5, -1.0])
def test_items_without_a_probability_cannot_be_corrected(wrong: float):
    with pytest.raises(BappsmithError, match="item 1 has no probability"):
        inverse_weights([0.5, wrong])


def test_equal_weights_count_fully():
    assert effective_count(inverse_weights([0.1] * 7)) == pytest.approx(7)


def test_a_selection_of_all_items_scores_as_all_items(generated: Path):
    metrics = {"l2": BASELINES["l2"], "ssim": BASELINES["ssim"]}
    roots = [generated / "2afc/val/g", generated / "jnd/val/g"]
    everything = {f"{kind}/val/g": (np.arange(60), np.full(60, 0.5)) for kind in ("2afc", "jnd")}
    plain, selected = evaluate(roots, metrics), evaluate(roots, metrics, selection=everything)
    assert [s.score for s in selected.scores] == pytest.approx([s.score for s in plain.scores])
    assert [s.low for s in selected.scores] == pytest.approx([s.low for s in plain.scores])
    assert [p.score for p in selected.parts] == pytest.approx([p.score for p in plain.parts], nan_ok=True)


def test_items_count_by_their_inverse_probability(generated: Path):
    from bappsmith.lpips.evaluation.scores import two_afc_scores

    metrics = {"l2": BASELINES["l2"]}
    root = generated / "2afc/val/g"
    plain = evaluate([root], metrics)
    d0, d1 = next(iter(plain.distances.values()))
    judge = next(iter(plain.subsets.values())).labels.numpy()
    chosen, p = np.array([3, 10, 11, 40]), np.array([0.1, 0.2, 0.5, 1.0])
    selected = evaluate([root], metrics, selection={"2afc/val/g": (chosen, p)})
    wanted = np.average(two_afc_scores(d0, d1, judge)[chosen], weights=1 / p)
    assert selected.scores[0].score == pytest.approx(wanted)
    assert selected.scores[0].count == 4
    assert any("stand for all 60" in note for note in selected.notes)
    assert next(iter(selected.subsets.values())).stems == ("000003", "000010", "000011", "000040")


def test_a_selection_of_other_items_is_refused(generated: Path):
    metrics = {"l2": BASELINES["l2"]}
    root = generated / "2afc/val/g"
    with pytest.raises(BappsmithError, match=r"no item of 2afc/val/g, it has items of 2afc/val/h"):
        evaluate([root], metrics, selection={"2afc/val/h": (np.array([0]), np.array([1.0]))})
    with pytest.raises(BappsmithError, match="has items 0 to 59, the selection names item 60"):
        evaluate([root], metrics, selection={"2afc/val/g": (np.array([60]), np.array([1.0]))})
