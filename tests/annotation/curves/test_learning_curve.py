"""Learning curves of simulated votes whose truth is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bappsmith.annotation.curves.features import Features
from bappsmith.annotation.curves.fit_weights import distances, fit_weights, scale_features
from bappsmith.annotation.curves.learning_curve import learning_curve
from bappsmith.annotation.curves.plot import plot_curve
from bappsmith.annotation.curves.power_law import fit_power_law
from bappsmith.lpips.evaluation.plots import png
from bappsmith.manifests.errors import BappsmithError

WEIGHTS = np.array([8.0, 4.0, 1.0, 0.05, 0.05])


def simulate(count: int, votes: int = 5, seed: int = 0) -> tuple[Features, np.ndarray, np.ndarray, np.ndarray]:
    """Features, shares, numbers of votes and photographs; people weight features by WEIGHTS."""
    rng = np.random.default_rng(seed)
    features = rng.gamma(0.5, 1, (count, 2, len(WEIGHTS))).astype(np.float32)
    d0, d1 = distances(features, WEIGHTS)
    p = 1 / (1 + (d1 / d0) ** 2)
    for_p1 = rng.binomial(votes, p) / votes if votes else p
    return Features(features, np.array([0, 0, 1, 2, 2])), for_p1, np.full(count, votes, np.int32), np.arange(count) % 20


def test_weights_of_simulated_people_are_found():
    features, shares, votes, _ = simulate(4000)
    found = fit_weights(features.values, shares, votes.astype(float), features.groups, spread=2.0)
    assert np.log(found / found[0])[:3] == pytest.approx(np.log(WEIGHTS / WEIGHTS[0])[:3], abs=0.25)
    assert (found[3:] < 0.1 * found[0]).all()


def test_without_votes_all_features_count_alike():
    features, shares, votes, _ = simulate(100)
    assert fit_weights(features.values, shares, 0.0 * votes, features.groups) == pytest.approx(1)


def test_scaled_features_have_one_mean_each():
    scaled = scale_features(np.concatenate([simulate(50)[0].values, np.zeros((50, 2, 1), np.float32)], axis=2))
    assert scaled.mean(axis=(0, 1)) == pytest.approx([1 / 6] * 5 + [0])


def test_more_items_and_more_votes_score_higher():
    curve = learning_curve(*simulate(1500), sizes=[25, 100, 400, 900], seeds=4)
    scores = {(point.votes, point.items): point.score for point in curve.points}
    assert list(scores) == [(v, n) for v in (1, 2, 3, 5) for n in (25, 100, 400, 900)]
    assert scores[5, 900] > scores[5, 25] > curve.untrained.score
    assert scores[5, 25] > scores[1, 25]
    assert all(point.low < point.score < point.high for point in curve.points)
    assert scores[5, 900] < curve.ceiling < 1
    assert scores[5, 900] > curve.ceiling - 0.02
    law = curve.laws[5]
    assert law.interval(1800)[0] <= law(1800) <= law.interval(1800)[1]
    facts = json.loads(json.dumps(curve.to_json()))
    assert facts["laws"]["5"]["twice"][0] == pytest.approx(law(1800))
    figure = plot_curve(curve, "simulated")
    assert png(figure).startswith(b"\x89PNG")
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert {f"{point.items:,}" for point in curve.points} <= set(ticks)


def test_probabilities_of_a_rule_have_one_curve():
    calls: list[tuple[int, int]] = []
    features, shares, votes, photos = simulate(400, votes=0)
    curve = learning_curve(features, shares, votes, photos, seeds=2, progress=lambda *call: calls.append(call))
    assert {point.votes for point in curve.points} == {0}
    assert [point.items for point in curve.points] == [50, 100, 200, 280]
    assert curve.ceiling == pytest.approx(np.maximum(shares, 1 - shares).mean())
    assert calls[-1] == (8, 8)


def test_items_without_votes_play_no_part():
    features, shares, votes, photos = simulate(600)
    votes[300:], shares[300:] = 0, 0.5
    few = learning_curve(features, shares, votes, photos, sizes=[60], votes_per_item=[5], seeds=2)
    with pytest.raises(BappsmithError, match="210 judged items are left to train on; asked for sizes 60 to 300"):
        learning_curve(features, shares, votes, photos, sizes=[60, 300], seeds=2)
    assert few.points[0].items == 60


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 1}, "at least 2 repetitions"),
        ({"votes_per_item": [6]}, "at least 5 votes, asked for curves over 6"),
        ({"votes_per_item": [0]}, "asked for curves over 0"),
    ],
)
def test_impossible_curves_are_refused(change: dict[str, object], message: str):
    with pytest.raises(BappsmithError, match=message):
        learning_curve(*simulate(300), **change)  # type: ignore[arg-type]


def test_too_few_items_or_photographs_are_refused():
    features, shares, votes, photos = simulate(300)
    with pytest.raises(BappsmithError, match="the judged items show 2"):
        learning_curve(features, shares, votes, photos % 2)
    with pytest.raises(BappsmithError, match="14 judged items are left to train on; a curve starts at 50"):
        learning_curve(Features(features.values[:20], features.groups), shares[:20], votes[:20], photos[:20])


def test_a_power_law_is_found_again():
    counts = np.array([50, 100, 200, 400, 800, 1600.0])
    scores = 0.8 - 0.9 * counts**-0.5
    law = fit_power_law(counts, scores, np.full(6, 1e-4))
    assert law is not None
    assert (law.limit, law.gain, law.exponent) == pytest.approx((0.8, 0.9, 0.5), abs=0.03)
    low, high = law.interval(6400)
    assert low < 0.8 - 0.9 / 80 < high
    assert high - low < 0.005
    assert fit_power_law(counts[:3], scores[:3], np.ones(3)) is None
