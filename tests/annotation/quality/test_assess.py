from __future__ import annotations

from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest

from bappsmith.annotation.quality.assess import assess
from bappsmith.annotation.quality.rules import RULES, Rules


def rules_of(reports: list, person: int) -> set[str]:
    return {failure.rule for failure in reports[person].failures}


def test_every_kind_of_carelessness_has_its_rule(crowd: pa.Table):
    reports = assess(crowd)
    assert [report.person for report in reports] == sorted(set(crowd["person"].to_pylist()))
    assert not any(report.failures for report in reports[:20])
    assert {"sentinels", "unreliable"} <= rules_of(reports, 20)
    assert {"sentinels", "side bias"} <= rules_of(reports, 21)
    assert {"sentinels", "disagreement", "unreliable"} <= rules_of(reports, 22)
    assert rules_of(reports, 23) == {"too fast"}
    assert rules_of(reports, 24) == {"constant time"}
    assert set().union(*(rules_of(reports, k) for k in range(25))) <= set(RULES)
    for report in reports[20:]:
        assert all(len(failure.detail) > 10 and "\n" not in failure.detail for failure in report.failures)


def test_the_careless_are_found_without_sentinels_too(crowd: pa.Table):
    reports = assess(crowd, Rules(sentinels=(), fastest_ms=0))
    assert not any(report.failures for report in reports[:20])
    assert all(rules_of(reports, k) & {"side bias", "disagreement", "unreliable"} for k in (20, 21, 22))


def test_who_repeats_nothing_is_inconsistent(simulated: ModuleType):
    preferences = simulated.truth(400, np.random.default_rng(0), spread=3)
    people = [simulated.Person(lapse=0), simulated.CARELESS]
    votes = simulated.simulate(people, preferences, per_session=400, repeats=400)
    assert [("inconsistent" in rules_of(assess(votes), k)) for k in range(2)] == [False, True]


def test_a_bad_session_is_outweighed_by_good_ones(simulated: ModuleType):
    good = simulated.simulate([simulated.Person(lapse=0)] * 6, np.linspace(-3, 3, 200), sessions=3, votes=9)
    sentinels = [row["role"] == "sentinel" and row["person"] == f"{0:032x}" for row in good.to_pylist()]
    wrong, first = 0, []
    for choice, mine in zip(good["choice"].to_pylist(), sentinels, strict=True):
        turn = mine and wrong < 2
        wrong += turn
        first.append({"p0": "p1", "p1": "p0"}[choice] if turn else choice)
    at = good.schema.get_field_index("choice")
    flawed = good.set_column(at, good.schema.field(at), [first])
    after_one = flawed.filter(pa.array([session.endswith("-0") for session in flawed["session"].to_pylist()]))
    assert rules_of(assess(after_one), 0) == {"sentinels"}
    assert rules_of(assess(flawed), 0) == set()


@pytest.mark.parametrize("task", ["2afc", "jnd"])
@pytest.mark.parametrize("spread", [0.0, 0.2, 0.4])
def test_nobody_is_unreliable_because_the_items_are_hard(simulated: ModuleType, task: str, spread: float):
    """Where people hardly agree, such as on items chosen for closeness, votes do not show who looks."""
    people = [simulated.Person(lapse=0)] * 20
    preferences = simulated.truth(400, np.random.default_rng(7), spread)
    reports = assess(simulated.simulate(people, preferences, task=task, per_session=100))
    assert np.median([report.reliability for report in reports]) < 0.7
    assert not any("unreliable" in rules_of(reports, person) for person in range(20))


def test_an_empty_study_has_no_reports(crowd: pa.Table):
    assert assess(crowd.slice(0, 0)) == []


def test_whoever_judges_alone_is_not_compared(simulated: ModuleType):
    votes = simulated.simulate(
        [simulated.Person(lapse=0)] * 2, simulated.truth(400, np.random.default_rng(0)), per_session=200
    )
    for report in assess(votes):
        assert not report.failures
        assert np.isnan([report.agreement, report.relative_agreement, report.reliability]).all()


@pytest.mark.slow
@pytest.mark.parametrize("task", ["2afc", "jnd"])
def test_careless_people_are_found_and_honest_ones_are_kept(simulated: ModuleType, task: str):
    rng = np.random.default_rng(5)
    kinds = rng.choice(3, 400, p=[0.92, 0.05, 0.03])
    honest = [simulated.Person(noise=np.exp(rng.normal(0, 0.25)), lapse=min(0.2, rng.exponential(0.01))) for _ in kinds]
    people = [
        (one, simulated.CARELESS, simulated.Person(wrong=1))[kind] for one, kind in zip(honest, kinds, strict=True)
    ]
    per = 100 if task == "2afc" else 160
    votes = simulated.simulate(people, simulated.truth(80 * per, rng), task=task, per_session=per, repeats=5)
    failed = np.array([bool(report.failures) for report in assess(votes)])
    assert failed[kinds == 0].mean() < 0.03
    assert failed[kinds > 0].all()
