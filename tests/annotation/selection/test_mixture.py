"""Mixtures of ways to select."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.annotation.selection.mixture import Mixture
from bappsmith.manifests.errors import BappsmithError


def test_weights_are_scaled_to_sum_to_one():
    assert Mixture.parse("disagreement=2, random=2").shares == {"disagreement": 0.5, "random": 0.5}
    assert Mixture.parse("cover").shares == {"cover": 1}


def test_random_gets_at_least_the_floor():
    assert Mixture.parse("cover", 0.2).shares == {"cover": 0.8, "random": 0.2}
    assert Mixture.parse("cover=.9,random=.1", 0.2).shares == pytest.approx({"cover": 0.8, "random": 0.2})
    assert Mixture.parse("cover=.5,random=.5", 0.2).shares == {"cover": 0.5, "random": 0.5}
    assert Mixture.parse("random", 0.2).shares == {"random": 1}
    assert Mixture.parse("cover", 1).shares == {"random": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("closenes", "did you mean 'closeness'"),
        ("cover,cover", "names cover twice"),
        ("cover=0", "a weight is a number above 0, found '0'"),
        ("cover=nan", "found 'nan'"),
        ("cover=x", "found 'x'"),
        ("", "unknown way to select ''"),
    ],
)
def test_what_is_no_mixture_is_refused(text: str, message: str):
    with pytest.raises(BappsmithError, match=message):
        Mixture.parse(text)


def test_a_floor_outside_of_zero_to_one_is_refused():
    with pytest.raises(BappsmithError, match="random floor"):
        Mixture.parse("cover", 1.1)


def test_disagreement_of_one_metric_is_refused():
    with pytest.raises(BappsmithError, match="disagreement needs at least 2 metrics, found 1"):
        Mixture.parse("disagreement").scores(np.zeros((3, 1)), [("a", "b")] * 3, np.ones(3, bool))


def test_sizes_are_shares_of_the_methods():
    mixture = Mixture.parse("disagreement=.6,random=.4")
    asked = np.array([True, True, True, False])
    preferences = np.array([[1.0, -1.0], [1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
    sizes = mixture.sizes(mixture.scores(preferences, [("a", "b")] * 4, asked))
    assert sizes == pytest.approx([0.6 + 0.4 / 3, 0.4 / 3, 0.4 / 3, 0])


def test_a_method_that_finds_nothing_leaves_its_share_to_the_others():
    mixture = Mixture.parse("disagreement=.6,random=.4")
    sizes = mixture.sizes(mixture.scores(np.ones((2, 2)), [("a", "b")] * 2, np.ones(2, bool)))
    assert sizes[0] == sizes[1] > 0
