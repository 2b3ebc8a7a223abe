from collections import Counter

import pytest

from bappsmith.annotation.study.session_plan import Counts, in_proportion, plan_session

PAPER = Counts(160, 40, 0, 4)


def test_a_plan_has_its_questions_and_is_drawn_from_its_keys_alone():
    counts = Counts(100, 15, 5, 4)
    plan = plan_session(7, 1, "2afc", counts)
    assert Counter(place.role for place in plan) == {"item": 100, "sentinel": 15, "repeat": 5, "training": 4}
    assert [place.number for place in plan] == list(range(124))
    assert [place.role for place in plan[:4]] == ["training"] * 4
    plan_session.cache_clear()
    assert plan_session(7, 1, "2afc", counts) == plan
    assert plan_session(7, 2, "2afc", counts) != plan
    assert plan_session(8, 1, "2afc", counts) != plan


def test_jnd_has_32_identical_and_8_noisy_sentinels():
    plan = plan_session(7, 1, "jnd", PAPER)
    assert Counter(place.kind for place in plan if place.role == "sentinel") == {"identical": 32, "noisy": 8}
    assert {place.p1_left for place in plan} == {None}


def test_sides_are_even_and_those_of_sentinels_balanced():
    items, sentinels = [], []
    for session in range(1, 101):
        plan = plan_session(3, session, "2afc", Counts(100, 15, 0, 0))
        items += [place.p1_left for place in plan if place.role == "item"]
        left = sum(place.p1_left for place in plan if place.role == "sentinel")
        assert left in (7, 8)
        sentinels.append(left)
    assert 0.48 < sum(items) / len(items) < 0.52
    assert 20 < sentinels.count(7) < 80


def test_repeats_stand_far_from_their_originals_with_sides_exchanged():
    for session in range(1, 51):
        plan = plan_session(3, session, "2afc", Counts(100, 15, 5, 4))
        repeats = [place for place in plan if place.role == "repeat"]
        originals = [plan[place.original] for place in repeats]
        assert len({place.number for place in originals}) == 5
        for repeat, original in zip(repeats, originals, strict=True):
            assert original.role == "item"
            assert repeat.p1_left is not original.p1_left
            assert repeat.number - original.number >= 115 // 3


def test_sentinels_stand_anywhere():
    places = Counter(
        place.number
        for session in range(1, 401)
        for place in plan_session(5, session, "2afc", Counts(10, 5, 0, 0))
        if place.role == "sentinel"
    )
    assert len(places) == 15
    assert min(places.values()) > 80
    assert max(places.values()) < 190  # 133 by chance


@pytest.mark.parametrize(
    ("items", "expected"),
    [(160, PAPER), (200, PAPER), (80, Counts(80, 20, 0, 4)), (1, Counts(1, 3, 0, 4)), (2, Counts(2, 3, 0, 4))],
)
def test_a_shorter_session_has_fewer_sentinels_but_some(items, expected):
    assert in_proportion(PAPER, items) == expected
    assert len(plan_session(1, 1, "jnd", expected)) == expected.items + expected.sentinels + 4


@pytest.mark.parametrize("items", [1, 2, 3, 4, 5])
def test_a_tiny_session_has_the_repeats_that_fit(items):
    plan = plan_session(1, 1, "2afc", Counts(items, 0, 5, 0))
    assert sum(place.role == "item" for place in plan) == items
    assert sum(place.role == "repeat" for place in plan) == items // 3


def test_every_session_has_the_repeats_that_it_promises():
    """By chance, sentinels alone may stand in the first third, where originals are taken from: 1 of 165 here."""
    counts = Counts(8, 3, 1, 2)
    for session in range(1, 1001):
        plan = plan_session(11, session, "2afc", counts)
        roles = Counter(place.role for place in plan)
        assert roles == {"item": 8, "sentinel": 3, "repeat": 1, "training": 2}
        (repeat,) = (place for place in plan if place.role == "repeat")
        assert plan[repeat.original].role == "item"
