"""Reliabilities learnt from votes alone: those of simulated annotators are found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bappsmith.pipeline.judging.reliability import learn_reliabilities


def simulated(reliabilities: np.ndarray, count: int, seed: int = 0, absent: float = 0.0):
    """Votes of annotators with these reliabilities, shape (G, A), on `count` items per group; with the truth."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(reliabilities)), count)
    truth = rng.choice([-1.0, 1.0], len(groups))
    right = rng.uniform(size=(len(groups), reliabilities.shape[1])) < reliabilities[groups]
    votes = np.where(right, truth[:, None], -truth[:, None])
    votes[rng.uniform(size=votes.shape) < absent] = 0
    return votes, groups, truth


@pytest.mark.parametrize("absent", [0.0, 0.3])
def test_known_reliabilities_are_found_and_the_posterior_beats_the_majority(absent: float):
    known = np.array([[0.95, 0.85, 0.75, 0.6, 0.55]])
    votes, groups, truth = simulated(known, 20_000, absent=absent)
    learnt = learn_reliabilities(votes, groups)
    np.testing.assert_allclose(learnt.overall, known[0], atol=0.02)
    right = np.mean((learnt.posterior > 0.5) == (truth > 0))
    assert right > np.mean(np.sign(votes.sum(axis=1)) == truth) + 0.02
    # The posterior is a probability: of the items with 0.7 … 0.9, 80 % or so are right.
    sure = (learnt.posterior > 0.7) & (learnt.posterior < 0.9)
    assert np.mean(truth[sure] > 0) == pytest.approx(learnt.posterior[sure].mean(), abs=0.05)


def test_an_annotator_that_is_good_at_one_family_only_is_found_out():
    known = np.array([[0.95, 0.8, 0.7, 0.7], [0.55, 0.8, 0.7, 0.7]])
    votes, groups, _ = simulated(known, 10_000)
    np.testing.assert_allclose(learn_reliabilities(votes, groups).by_group, known, atol=0.04)


def test_a_small_group_follows_the_reliability_over_all():
    votes, _, _ = simulated(np.array([[0.9, 0.8, 0.7]]), 5000)
    groups = np.zeros(5000, np.int64)
    groups[0] = 1
    learnt = learn_reliabilities(votes, groups)
    np.testing.assert_allclose(learnt.by_group[1], learnt.overall, atol=0.01)


def test_the_posterior_worked_out_by_hand():
    """Two annotators who always agree are always right; one who never agrees with them cannot fall below 1/2."""
    truth = np.repeat([1.0, -1.0], 500)
    learnt = learn_reliabilities(np.stack([truth, truth, truth, -truth], axis=1), np.zeros(1000, np.int64))
    assert learnt.overall[3] == 0.5
    assert learnt.overall[0] == pytest.approx(1001 / 1002, abs=1e-3)
    assert ((learnt.posterior > 0.999) == (truth > 0)).all()


@given(
    arrays(np.int64, st.tuples(st.integers(1, 30), st.integers(3, 6)), elements=st.integers(-1, 1)), st.integers(1, 3)
)
def test_sides_mean_nothing_and_labels_cannot_switch(whole: np.ndarray, size: int):
    votes, groups = whole.astype(np.float64), np.arange(len(whole)) % size
    learnt, turned = learn_reliabilities(votes, groups), learn_reliabilities(-votes, groups)
    np.testing.assert_allclose(learnt.posterior, 1 - turned.posterior, atol=1e-6)
    np.testing.assert_allclose(learnt.overall, turned.overall, atol=1e-6)
    assert (learnt.overall >= 0.5).all()
    assert (learnt.by_group >= 0.5).all()
    silent = np.abs(votes).sum(axis=1) == 0
    assert (learnt.posterior[silent] == 0.5).all()
    same = np.abs(votes.sum(axis=1)) == votes.shape[1]
    assert (votes[same, 0] * (learnt.posterior[same] - 0.5) >= 0).all()
