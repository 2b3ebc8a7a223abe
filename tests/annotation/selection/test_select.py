"""From a dataset to a selection."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bappsmith.annotation.selection.candidates import Candidates, find_candidates
from bappsmith.annotation.selection.leave_one_out import leave_one_out
from bappsmith.annotation.selection.mixture import Mixture
from bappsmith.annotation.selection.preferences import measure_distances, standardised_preferences
from bappsmith.annotation.selection.select import select, selection_probabilities
from bappsmith.lpips.data.subset import load_subset
from bappsmith.lpips.evaluation.baselines import BASELINES
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.judging.named_metric import NamedMetric

METRICS = [NamedMetric(metric=name) for name in ("l2", "ssim", "gmsd")]


@pytest.fixture(scope="module")
def candidates(to_select: Path) -> Candidates:
    return find_candidates(Dataset(to_select), (), METRICS)


def test_distances_stand_in_the_order_of_subsets_and_items(to_select: Path):
    dataset = Dataset(to_select)
    subsets = [dataset.sealed("2afc/train/s"), dataset.sealed("2afc/val/s")]
    calls: list[tuple[int, int]] = []
    found = measure_distances(dataset, subsets, METRICS[:1], progress=lambda *call: calls.append(call))
    assert found.shape == (570, 1, 2)
    assert calls[-1] == (570, 570)
    wanted = [distances(BASELINES["l2"], load_subset(subset)) for subset in subsets]
    columns = np.concatenate([np.stack(one, axis=1) for one in wanted])
    assert found[:, 0] == pytest.approx(columns, rel=1e-5)


def test_preferences_are_above_zero_for_the_closer_patch(candidates: Candidates):
    distances = np.array([[[0.1, 0.2]], [[0.2, 0.1]], [[0.1, 0.1]], [[0.1, 0.4]], [[0.3, 0.3]]])
    x = standardised_preferences(distances)[:, 0]
    assert np.sign(x).tolist() == [-1, 1, 0, -1, 0]
    assert x[3] == pytest.approx(2 * x[0], rel=1e-4)
    assert np.median(np.abs(candidates.preferences), axis=0) == pytest.approx(1)
    assert standardised_preferences(np.ones((4, 1, 2))).tolist() == [[0]] * 4
    jnd = standardised_preferences(np.array([[[0.1]], [[0.2]], [[0.4]]]))[:, 0]
    assert jnd == pytest.approx([1, 0, -1], rel=1e-4)


def test_all_2afc_subsets_are_candidates_by_default(candidates: Candidates):
    assert [subset.name for subset in candidates.subsets] == ["2afc/train/s", "2afc/val/s"]
    assert len(candidates) == 570
    assert candidates.opinions == ("l2", "ssim", "gmsd")
    assert candidates.expected is not None
    assert ((candidates.expected > 0) & (candidates.expected < 1)).all()


def test_a_selection_has_the_budget_and_exact_probabilities(candidates: Candidates):
    mixture = Mixture.parse("disagreement", 0.2)
    selection = select(candidates, 60, mixture, seed=4)
    assert len(selection) == 60
    assert selection.rows() == sorted(selection.rows(), key=lambda row: row[:2])
    probabilities = selection_probabilities(candidates, 60, mixture)
    offset = {"2afc/train/s": 0, "2afc/val/s": 530}
    positions = [offset[subset] + index for subset, index, _ in selection.rows()]
    assert selection.probabilities.tolist() == probabilities[positions].tolist()
    assert probabilities[candidates.asked].min() >= 0.2 * 60 / 570 * 0.99
    assert set(selection.scores) == {"disagreement", "random", "expected"}
    assert selection.provenance["left_out"] == {"identical": int((~candidates.asked).sum()), "no_chance": 0}
    assert select(candidates, 60, mixture, seed=4).rows() == selection.rows()
    assert select(candidates, 60, mixture, seed=5).rows() != selection.rows()


def test_disagreement_chooses_what_metrics_contradict_on(candidates: Candidates):
    chosen = select(candidates, 60, Mixture.parse("disagreement", 0.2)).scores["disagreement"]
    everything = Mixture.parse("disagreement").scores(candidates.preferences, candidates.operators, candidates.asked)[
        "disagreement"
    ]
    assert chosen.mean() > 2 * everything.mean()


def test_identical_patches_are_never_asked_about(candidates: Candidates):
    asked = candidates.asked.copy()
    asked[:500] = False
    fewer = replace(candidates, asked=asked)
    selection = select(fewer, int(asked.sum()), Mixture.parse("random"))
    assert min(index for subset, index, _ in selection.rows() if subset == "2afc/train/s") == 500
    with pytest.raises(BappsmithError, match="a budget of 571 does not fit"):
        select(fewer, 571, Mixture.parse("random"))


def test_without_a_floor_items_may_have_no_chance(candidates: Candidates):
    selection = select(candidates, 20, Mixture.parse("disagreement", 0.0))
    assert selection.provenance["left_out"]["no_chance"] > 100


def test_random_and_cover_measure_nothing(to_select: Path):
    candidates = find_candidates(Dataset(to_select), ["2afc/val/s"])
    assert candidates.preferences.shape == (40, 0)
    assert candidates.expected is None
    assert len(select(candidates, 10, Mixture.parse("cover=.5,random=.5"))) == 10


def test_a_judge_counts_as_one_more_metric(to_select: Path):
    candidates = find_candidates(Dataset(to_select), ["2afc/val/s"], METRICS[:1], ["recipe"])
    assert candidates.opinions == ("l2", "recipe")
    probabilities = Dataset(to_select).sealed("2afc/val/s").labels("recipe").probabilities
    assert probabilities is not None
    assert (np.sign(candidates.preferences[:, 1]) == np.sign(probabilities - 0.5)).all()
    assert len(select(candidates, 10, Mixture.parse("information", 0.2))) == 10


def test_jnd_pairs_can_be_selected(to_select: Path):
    candidates = find_candidates(Dataset(to_select), ["jnd/val/s"], METRICS)
    selection = select(candidates, 15, Mixture.parse("closeness=.5,cover=.3", 0.2))
    assert set(selection.subsets) == {"jnd/val/s"}


def test_two_kinds_or_a_name_twice_are_refused(to_select: Path):
    dataset = Dataset(to_select)
    with pytest.raises(BappsmithError, match="two kinds, 2afc and jnd"):
        find_candidates(dataset, ["2afc/val/s", "jnd/val/s"])
    with pytest.raises(BappsmithError, match="l2 is named twice"):
        find_candidates(dataset, (), [METRICS[0], METRICS[0]])
    with pytest.raises(BappsmithError, match="unknown subset"):
        find_candidates(dataset, ["2afc/val/other"])


def test_inverse_weights_remove_the_bias_for_a_metric_without_a_say(candidates: Candidates):
    judgments = np.concatenate([subset.labels("recipe").shares for subset in candidates.subsets])
    rows = leave_one_out(candidates, 120, Mixture.parse("disagreement", 0.2), judgments)
    assert [row.metric for row in rows] == ["l2", "ssim", "gmsd"]
    for row in rows:
        assert abs(row.corrected - row.score) < 4 * row.corrected_spread / np.sqrt(200) + 0.005
        assert row.plain < row.score - 0.03
        assert row.corrected_spread > row.random_spread * 0.9


def test_leaving_out_needs_enough_metrics(to_select: Path):
    two = find_candidates(Dataset(to_select), ["2afc/val/s"], METRICS[:2])
    with pytest.raises(BappsmithError, match="name at least 3 with --metric, found 2"):
        leave_one_out(two, 10, Mixture.parse("disagreement", 0.2), np.zeros(40))
