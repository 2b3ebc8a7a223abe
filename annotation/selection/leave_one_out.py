"""How far scores on a selection are from scores on all items, for a metric that had no say in the selection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bappsmith.lpips.evaluation.inverse_weights import weighted
from bappsmith.lpips.evaluation.scores import Statistic, jnd_map_statistic, mean_statistic, two_afc_scores
from bappsmith.manifests.errors import BappsmithError

from .candidates import Candidates
from .inclusion import systematic_sample
from .mixture import Mixture
from .select import selection_probabilities

DRAWS = 200
"""Selections that are drawn per metric. A bias is then known to 7 % of one selection's standard error."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The score of a metric on selections that the other metrics decided about.

    Attributes:
        metric: the metric that was left out.
        score: its score on all items, in [0, 1].
        plain: mean score on the selections, as they are.
        plain_spread: standard deviation of that score from selection to selection.
        corrected: mean score on the selections, with inverse weights.
        corrected_spread: standard deviation of that.
        random_spread: standard deviation of the score on as many items drawn at random.
    """

    metric: str
    score: float
    plain: float
    plain_spread: float
    corrected: float
    corrected_spread: float
    random_spread: float


def leave_one_out(
    candidates: Candidates, budget: int, mixture: Mixture, judgments: NDArray[np.float64], *, seed: int = 0
) -> list[LeftOut]:
    """Select with all metrics but one, score that one on the selection, and compare with its score on all items.

    Args:
        candidates: N items with the preferences of M metrics.
        budget: number of items to choose.
        mixture: what decides.
        judgments: of all items, such as those of a judge, shape (N,), in [0, 1].
        seed: of the first selection.

    Returns:
        One row per metric. Scores are 2AFC, or the mAP of JND, on the items that may be asked about.

    Raises:
        BappsmithError: without one metric, too few are left for the mixture.
    """
    if len(candidates.opinions) <= mixture.least_metrics:
        raise BappsmithError(
            f"select --check leaves out one metric at a time, and {mixture} needs {mixture.least_metrics} of the "
            f"others; name at least {mixture.least_metrics + 1} with --metric, found {len(candidates.opinions)}"
        )
    asked = candidates.asked
    at_random = np.where(asked, budget / asked.sum(), 0.0)
    rows: list[LeftOut] = []
    for number, name in enumerate(candidates.opinions):
        statistic = _statistic(candidates, candidates.preferences[:, number], judgments)
        others = candidates.without(name)
        probabilities = selection_probabilities(others, budget, mixture)
        weights = np.divide(1, probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
        inverse = weighted(statistic, weights)
        key = f"check/{candidates.fingerprint}/{seed}/{name}"
        scores = np.empty((DRAWS, 3))
        for draw in range(DRAWS):
            drawn = _counts(probabilities, f"{key}/{draw}")
            scores[draw] = *statistic(drawn), *inverse(drawn), *statistic(_counts(at_random, f"{key}/random/{draw}"))
        plain, corrected, _ = scores.mean(axis=0).tolist()
        plain_spread, corrected_spread, random_spread = scores.std(axis=0, ddof=1).tolist()
        score = float(statistic(asked[None].astype(np.float64))[0])
        rows.append(LeftOut(name, score, plain, plain_spread, corrected, corrected_spread, random_spread))
    return rows


def _counts(probabilities: NDArray[np.float64], key: str) -> NDArray[np.float64]:
    """Draw one selection: 1 for chosen items, shape (1, N)."""
    counts = np.zeros((1, len(probabilities)))
    counts[0, systematic_sample(probabilities, key)] = 1
    return counts


def _statistic(candidates: Candidates, preference: NDArray[np.float64], judgments: NDArray[np.float64]) -> Statistic:
    """Return the score of a metric. Its preference ranks items as its distances do."""
    if candidates.subsets[0].kind == "2afc":
        return mean_statistic(two_afc_scores(preference, np.zeros_like(preference), judgments))
    return jnd_map_statistic(-preference, judgments)
