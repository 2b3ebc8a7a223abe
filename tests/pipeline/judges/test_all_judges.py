"""What every judge keeps, whatever it judges from."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operator, operators
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.judging import Judge
from bappsmith.pipeline.judging.label import label
from bappsmith.pipeline.judging.registry import judges, make_judge

from .judged import items

SETTINGS: dict[str, dict[str, object]] = {
    "annotators": {"metrics": ["gmsd", "l2"], "judges": ["severity"]},
    "content": {"of": {"kind": "severity"}},
    "context": {"ranking": sorted(operators())},
    "metric": {"metric": "gmsd"},
    "observers": {"of": {"kind": "severity"}, "noise": 0.2, "lapse": 0.1, "bias": 0.5},
}
"""Settings of judges that have no default for one."""
OF_CHAINS = sorted(name for name, judge in judges().items() if "pixels" not in judge.needs and not judge.learns)


def judge_of(name: str, **settings: object) -> Judge:
    return make_judge(JudgeSpec.model_validate({"kind": name, **SETTINGS.get(name, {}), **settings}))


def pairs(count: int = 200) -> list[tuple[Chain, Chain]]:
    rng = np.random.default_rng(5)
    names = ["jpeg", "gaussian_blur", "gaussian_white_noise", "saturation", "contrast"]

    def drawn(severity: float) -> Chain:
        op = operator(str(rng.choice(names)))
        return Chain((op.call(severity, Draws(1, int(rng.integers(1 << 30))), 64),))

    return [(drawn(float(a)), drawn(float(b))) for a, b in rng.uniform(0.01, 1, (count, 2))]


@pytest.mark.parametrize("name", sorted(judges()))
def test_a_judge_explains_itself_and_survives_a_recipe(name: str):
    judge = judge_of(name)
    assert (type(judge).__doc__ or "").strip()
    assert judge.kinds
    assert make_judge(JudgeSpec.model_validate_json(judge.spec.model_dump_json())) == judge


@pytest.mark.parametrize("name", OF_CHAINS)
def test_swapping_the_patches_turns_the_preference_round(name: str):
    judge = judge_of(name)
    if "2afc" not in judge.kinds:
        pytest.skip("judges no 2AFC")
    some = pairs()
    forward = judge.prefer(judge.measure(items(some)), "2afc")
    backward = judge.prefer(judge.measure(items([(second, first) for first, second in some])), "2afc")
    np.testing.assert_allclose(forward, -backward)
    sums = judge.probability(forward) + judge.probability(backward)
    np.testing.assert_allclose(sums, 1)


@pytest.mark.parametrize("name", OF_CHAINS)
@pytest.mark.parametrize("kind", ["2afc", "jnd"])
def test_the_judgment_of_an_item_does_not_depend_on_the_others(name: str, kind: str):
    judge = judge_of(name, votes=3)
    if kind not in judge.kinds:
        pytest.skip(f"judges no {kind}")
    some = [(Chain(), second) for _, second in pairs()] if kind == "jnd" else pairs()
    together = label(judge, judge.measure(items(some, kind)), kind, range(200), name="x", seed=3, subset="2afc/train/a")
    alone = label(judge, judge.measure(items(some[70:71], kind)), kind, [70], name="x", seed=3, subset="2afc/train/a")
    assert alone.rows() == together.rows()[70:71]
    assert json.loads(alone.sources[0])["kind"] == name
    assert set(np.round(together.shares * 3, 9).tolist()) <= {0.0, 1.0, 2.0, 3.0}


@pytest.mark.parametrize("name", OF_CHAINS)
def test_votes_follow_the_probability(name: str):
    judge, exact = judge_of(name, votes=50), judge_of(name, votes=0)
    kind = judge.kinds[0]
    some = pairs(400)
    voted = label(judge, judge.measure(items(some, kind)), kind, range(400), name="x", seed=1, subset="2afc/train/a")
    soft = label(exact, exact.measure(items(some, kind)), kind, range(400), name="x", seed=1, subset="2afc/train/a")
    assert soft.probabilities is not None
    assert soft.shares.tolist() == soft.probabilities.astype(np.float32).tolist()
    p = soft.probabilities
    # Five standard errors of a mean of 20,000 votes; the stream is fixed.
    assert abs(np.mean(voted.shares - p)) <= 5 * np.sqrt(np.mean(p * (1 - p)) / 20000) + 1e-12
