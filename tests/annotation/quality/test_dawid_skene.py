from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bappsmith.annotation.quality.dawid_skene import dawid_skene
from bappsmith.pipeline.judging.reliability import learn_reliabilities

Votes = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]


def vote(
    truth: NDArray[np.bool_], sensitivity: NDArray[np.float64], specificity: NDArray[np.float64], seed: int = 0
) -> Votes:
    """Everybody votes on every second item."""
    rng = np.random.default_rng(seed)
    item, person = np.nonzero(rng.random((len(truth), len(sensitivity))) < 0.5)
    chance = np.where(truth[item], sensitivity[person], 1 - specificity[person])
    return item, person, rng.random(len(item)) < chance


def test_sensitivity_specificity_and_prevalence_are_found():
    rng = np.random.default_rng(1)
    truth = rng.random(3000) < 0.3
    sensitivity, specificity = np.array([0.9, 0.95, 0.6, 0.8, 0.5, 0.2]), np.array([0.8, 0.6, 0.95, 0.8, 0.5, 0.1])
    item, person, positive = vote(truth, sensitivity, specificity)
    learnt = dawid_skene(item, person, positive, 3000, 6, symmetric=False)
    np.testing.assert_allclose(learnt.sensitivity[:5], sensitivity[:5], atol=0.08)
    np.testing.assert_allclose(learnt.specificity[:5], specificity[:5], atol=0.08)
    assert learnt.prevalence == pytest.approx(0.3, abs=0.05)
    assert learnt.reliability[5] < 0.4  # wrong on purpose: not clipped in the report
    voted = np.bincount(item, minlength=3000) > 2
    assert np.mean((learnt.posterior > 0.5)[voted] == truth[voted]) > 0.85


def test_people_who_are_wrong_on_purpose_do_not_turn_the_answers_round():
    rng = np.random.default_rng(2)
    truth = rng.random(500) < 0.5
    rates = np.array([0.85, 0.85, 0.85, 0.1, 0.1])
    item, person, positive = vote(truth, rates, rates)
    learnt = dawid_skene(item, person, positive, 500, 5, symmetric=True)
    assert (learnt.reliability[:3] > 0.75).all()
    assert (learnt.reliability[3:] < 0.3).all()


def test_the_symmetric_form_agrees_with_that_of_the_judges():
    rng = np.random.default_rng(3)
    truth = rng.random(2000) < 0.5
    rates = np.array([0.95, 0.85, 0.75, 0.65, 0.55])
    item, person, positive = vote(truth, rates, rates)
    votes = np.zeros((2000, 5))
    votes[item, person] = np.where(positive, 1, -1)
    other = learn_reliabilities(votes, np.zeros(2000, np.int64))
    learnt = dawid_skene(item, person, positive, 2000, 5, symmetric=True)
    np.testing.assert_allclose(learnt.reliability, other.overall, atol=0.02)
    assert np.abs(learnt.posterior - other.posterior).mean() < 0.01  # that one shrinks rates of groups to those of all


def test_items_without_votes_keep_the_prior():
    learnt = dawid_skene(np.array([0]), np.array([0]), np.array([True]), 3, 2, symmetric=True)
    np.testing.assert_allclose(learnt.posterior[1:], 0.5)
    assert learnt.reliability[1] == 0.5
    nothing = np.zeros(0, np.int64)
    assert len(dawid_skene(nothing, nothing, nothing.astype(bool), 0, 2, symmetric=False).posterior) == 0
