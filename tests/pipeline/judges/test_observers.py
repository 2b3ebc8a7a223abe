"""The judge `observers`: votes follow the stated probability, and scores against them stop at the ceiling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from bappsmith.lpips.evaluation.scores import human_scores, two_afc_scores
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.human_score import human_score
from bappsmith.manifests.recipe.judge import JudgeSpec, read_judge
from bappsmith.pipeline.judges.observers import Observers
from bappsmith.pipeline.judging.ceiling import (
    human_ceiling,
    predictor_ceiling,
    published_human_ceiling,
)
from bappsmith.pipeline.judging.registry import judge_source, make_judge

from .judged import chain, judged


def observers(**settings: object) -> Observers:
    judge = make_judge(JudgeSpec.model_validate({"kind": "observers", "of": "severity", **settings}))
    assert isinstance(judge, Observers)
    return judge


def pairs(count: int, seed: int = 0):
    return [
        (chain(("a", a)), chain(("b", b))) for a, b in np.random.default_rng(seed).uniform(0, 1, (count, 2)).tolist()
    ]


def test_the_probability_worked_out_by_hand():
    # x = (0.7 - 0.5) / 0.2 = 1; Φ(1) = 0.8413; with a bias of 1 either way (Φ(2) + Φ(0)) / 2 = 0.7386.
    pair = [(chain(("a", 0.7)), chain(("b", 0.5)))]
    assert judged(observers(noise=0.2, lapse=0, votes=0), pair).shares[0] == pytest.approx(0.841345, abs=1e-6)
    assert judged(observers(noise=0.2, lapse=0, bias=1, votes=0), pair).shares[0] == pytest.approx(0.738625, abs=1e-6)
    assert judged(observers(noise=0.2, lapse=0.1, bias=1, votes=0), pair).shares[0] == pytest.approx(
        0.05 + 0.9 * 0.738625, abs=1e-6
    )
    assert judged(observers(lapse=1, votes=0), pair).shares[0] == 0.5


@given(st.floats(-20, 20), st.floats(0, 1), st.floats(0, 10))
def test_the_bias_is_that_of_sides_drawn_anew(x: float, lapse: float, bias: float):
    """Simulate the showing: p1 is left or right, and the favoured side is left."""
    judge = observers(lapse=lapse, bias=bias)
    left, right = ndtr(x + bias), ndtr(x - bias)
    expected = lapse * 0.5 + (1 - lapse) * (0.5 * left + 0.5 * right)
    assert judge.probability(np.array([x]))[0] == pytest.approx(expected)
    assert judge.probability(np.array([x, -x])).sum() == pytest.approx(1)


@pytest.mark.parametrize("votes", [1, 5])
def test_the_score_against_votes_rises_to_the_ceiling_and_no_further(votes: int):
    count = 4000
    some = pairs(count)
    labels = judged(observers(noise=0.3, lapse=0.05, bias=0.5, votes=votes), some)
    p = labels.probabilities
    assert p is not None
    assert labels.votes.tolist() == [votes] * count
    severities = np.array([(first.severity, second.severity) for first, second in some])
    ceiling = predictor_ceiling(p).mean()
    error = 4 * 0.5 / np.sqrt(count)  # four standard errors at most
    rng = np.random.default_rng(1)
    scores = []
    for noise in (2.0, 0.5, 0.1, 0.0):  # metrics that know the truth better and better
        seen = severities + noise * rng.standard_normal(severities.shape)
        scores.append(two_afc_scores(seen[:, 0], seen[:, 1], labels.shares).mean())
    assert scores == sorted(scores)
    assert scores[-1] == pytest.approx(ceiling, abs=error)
    assert max(scores) < ceiling + error
    assert human_scores(labels.shares).mean() == pytest.approx(
        published_human_ceiling(p, labels.votes).mean(), abs=error
    )
    if votes > 1:
        assert human_score(labels.shares, labels.votes).mean() == pytest.approx(human_ceiling(p).mean(), abs=error)


def test_needs_kinds_and_files_follow_the_inner_judge(tmp_path):
    assert (observers().reads, observers().able, observers().learning) == (frozenset(), ("2afc",), False)
    assert observers(of="psychometric").able == ("jnd",)
    metric = observers(of={"kind": "metric", "metric": "gmsd"})
    assert (metric.reads, metric.able) == ({"pixels"}, ("2afc", "jnd"))
    learner = observers(of={"kind": "annotators", "metrics": ["gmsd", "l2"], "judges": ["severity"]})
    assert learner.learning
    weights = tmp_path / "a.pth"
    weights.write_bytes(b"x")
    trained = observers(of={"kind": "metric", "metric": "untrained", "trunk_weights": str(weights)})
    before = judge_source(trained)
    assert before is not None
    weights.write_bytes(b"y")
    assert judge_source(trained) != before
    assert judge_source(observers()) is None


def test_a_recipe_keeps_the_settings_of_the_inner_judge():
    assert observers().spec.settings["of"] == {"kind": "severity", "votes": 0, "band": 0.0}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["votes=1001", "of=severity"], "setting 'votes'"),
        ([], "setting 'of' is missing"),
        (["of=severty"], "did you mean 'severity'"),
        (["of=context"], "judge context: setting 'ranking' is missing"),
        (["of={kind: severity, slope: 1}"], "unknown setting 'slope'"),
        (["of=severity", "lapse=1.5"], "setting 'lapse'"),
        (["of=[1]"], "setting 'of'"),
    ],
)
def test_what_is_not_allowed_is_refused_in_one_line(settings: list[str], words: str):
    with pytest.raises(BappsmithError, match=words) as refusal:
        make_judge(read_judge("observers", settings))
    assert "\n" not in str(refusal.value)
