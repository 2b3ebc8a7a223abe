"""Which networks severity can draw."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bappsmith.distortions.cnn.network_choice import NetworkChoice
from bappsmith.distortions.random import Draws

ERRORS = {f"{k:02d}": float((7 * k) % 16 + 4) for k in range(16)}  # 4 to 19, in no order


@given(level=st.floats(0, 40), key=st.integers(0, 2**32))
def test_a_drawn_network_reaches_the_level_or_is_one_of_the_worst(level: float, key: int):
    network = NetworkChoice(ERRORS).draw(0.5, Draws(key), {"level": level})
    assert ERRORS[network] >= min(level, 18)
    assert NetworkChoice(ERRORS).allows(network, {"level": level})


@given(level=st.floats(0, 40), more=st.floats(0, 40), key=st.integers(0, 2**32))
def test_a_network_stays_until_it_no_longer_reaches_the_level(level: float, more: float, key: int):
    choice = NetworkChoice(ERRORS)
    before, after = (choice.draw(0.5, Draws(key), {"level": x}) for x in (level, level + more))
    assert after == before or not choice.allows(before, {"level": level + more})


def test_all_networks_that_reach_the_level_are_equally_likely():
    choice = NetworkChoice(ERRORS)
    drawn = Counter(choice.draw(0.5, Draws(key), {"level": 12.0}) for key in range(2000))
    assert set(drawn) == {name for name, error in ERRORS.items() if error >= 12}
    assert max(drawn.values()) < 2 * min(drawn.values())
    assert set(Counter(choice.draw(1.0, Draws(key), {"level": 99.0}) for key in range(100))) == {
        name for name, error in ERRORS.items() if error >= 18
    }


def test_other_values_are_not_allowed():
    choice = NetworkChoice(ERRORS)
    least = min(ERRORS, key=lambda name: ERRORS[name])
    assert choice.allows(least, {"level": 1.0})
    assert not choice.allows(least, {"level": 10.0})
    assert not choice.allows("other", {"level": 1.0})
    assert not choice.allows(3, {"level": 1.0})
    assert choice.describe() == "one of 16 networks of the bank, with an error of 4 … 19 levels"
