"""Reliabilities of people and probable answers, learnt from votes alone (Dawid and Skene 1979)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from bappsmith.pipeline.judging.reliability import ITERATIONS, MOST


@dataclass(frozen=True)
class Learnt:
    """What was learnt from votes.

    Attributes:
        posterior: probability that the positive answer is the right one, float64, shape (N,).
        sensitivity: probability of a positive vote where it is right, float64, shape (P,).
        specificity: probability of a negative vote where that is right, shape (P,).
        prevalence: share of items whose positive answer is right.
    """

    posterior: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    specificity: NDArray[np.float64]
    prevalence: float

    @property
    def reliability(self) -> NDArray[np.float64]:
        """Mean of sensitivity and specificity, shape (P,): 1/2 for somebody who does not look."""
        return (self.sensitivity + self.specificity) / 2


def dawid_skene(
    item: NDArray[np.int64],
    person: NDArray[np.int64],
    positive: NDArray[np.bool_],
    items: int,
    people: int,
    *,
    symmetric: bool,
    tolerance: float = 1e-6,
) -> Learnt:
    """Learn reliabilities and probable answers by expectation maximisation.

    E-step: P(T_i = j | votes) ∝ p_j Π_people π_j(vote). M-step: π_j of a person is the expected share of the votes
    on items of class j, and p_j the mean posterior (Dawid and Skene 1979, equations 2.3 to 2.5). Each share gets one
    right and one wrong vote more, so a few votes prove nothing. In the E-step, rates are limited to `MOST`, and those
    of somebody who is wrong more often than right (sensitivity + specificity < 1) to 1/2. Such votes count for
    nothing there, which excludes the solution with all answers turned round. EM starts from shares of votes.

    `symmetric` is the form with one reliability per person and equal classes, as `learn_reliabilities` of
    `pipeline.judging` has it. That one needs an array of items × people; this one takes a list of votes.

    Args:
        item: of every vote, int64, shape (V,).
        person: of every vote, shape (V,).
        positive: the votes, shape (V,).
        items: number of items N.
        people: number of people P.
        symmetric: the two answers are interchangeable, as in 2AFC.
        tolerance: EM ends when no posterior changes by more.
    """
    number = np.bincount(item, minlength=items)
    posterior = _sum(item, positive.astype(float), items) / np.maximum(number, 1)
    posterior[number == 0] = 0.5
    prevalence = 0.5
    sensitivity = specificity = np.full(people, 0.5)
    for _ in range(ITERATIONS):
        chance = posterior[item]
        sensitivity, specificity = rates(person, positive, chance, people, symmetric=symmetric)
        if not symmetric and number.any():
            prevalence = float(np.clip(posterior[number > 0].mean(), 1 - MOST, MOST))
        useful = sensitivity + specificity >= 1
        if_positive = np.where(useful, np.clip(sensitivity, 1 - MOST, MOST), 0.5)
        if_negative = np.where(useful, np.clip(specificity, 1 - MOST, MOST), 0.5)
        for_positive, for_negative = np.log(if_positive / (1 - if_negative)), np.log((1 - if_positive) / if_negative)
        evidence = np.where(positive, for_positive[person], for_negative[person])
        before, posterior = posterior, expit(logit(prevalence) + np.bincount(item, evidence, minlength=items))
        if np.abs(posterior - before).max(initial=0) <= tolerance:
            break
    return Learnt(posterior, sensitivity, specificity, prevalence)


def rates(
    person: NDArray[np.int64],
    positive: NDArray[np.bool_],
    chance: NDArray[np.float64],
    people: int,
    *,
    symmetric: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sensitivity and specificity of everybody, shape (P,) each: the M-step, see `dawid_skene`.

    Args:
        person: of every vote, shape (V,).
        positive: the votes, shape (V,).
        chance: probability that the positive answer is right, for every vote, shape (V,).
        people: number of people P.
        symmetric: both are the same.
    """
    hits, ones = _sum(person, chance * positive, people), _sum(person, chance, people)
    rejections, zeros = _sum(person, (1 - chance) * ~positive, people), _sum(person, 1 - chance, people)
    if symmetric:
        both = (hits + rejections + 1) / (ones + zeros + 2)
        return both, both
    return (hits + 1) / (ones + 2), (rejections + 1) / (zeros + 2)


def _sum(person: NDArray[np.int64], values: NDArray[np.float64], people: int) -> NDArray[np.float64]:
    return np.bincount(person, values, minlength=people).astype(np.float64)
