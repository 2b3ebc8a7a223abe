"""What the methods prefer."""

from __future__ import annotations

import numpy as np
import pytest

from bappsmith.annotation.selection.closeness import closeness
from bappsmith.annotation.selection.cover import cover
from bappsmith.annotation.selection.disagreement import disagreement
from bappsmith.annotation.selection.information import information
from bappsmith.annotation.selection.random import random

AGREED, SPLIT, ONE_UNSURE, BOTH_UNSURE = [2.0, 2.0], [2.0, -2.0], [0.0, 2.0], [0.0, 0.0]
ITEMS = np.array([AGREED, SPLIT, ONE_UNSURE, BOTH_UNSURE])


def test_closeness_is_the_union_of_what_each_metric_finds_hard():
    assert closeness(ITEMS)[2] == closeness(ITEMS)[3] == 1
    assert closeness(ITEMS)[0] < 0.1


def test_disagreement_is_zero_where_all_take_one_side():
    assert disagreement(ITEMS).tolist() == [0, 1, 0, 0]
    assert disagreement(np.array([[9.0, -9.0]])) == disagreement(np.array([[3.0, -3.0]]))


def test_information_ignores_items_where_all_metrics_expect_the_same():
    values = information(ITEMS)
    assert values[0] == pytest.approx(0, abs=1e-12)
    assert values[3] == pytest.approx(0, abs=1e-12)
    assert values[1] > values[2] > 0.1


def test_cover_gives_every_pair_of_operators_the_same_total():
    operators = [("blur", "jpeg")] * 6 + [("jpeg", "blur")] * 3 + [("shift", "blur")] + [("", "jpeg")] * 2
    sizes = cover(operators)
    assert sizes[:9].sum() == pytest.approx(1)
    assert sizes[9] == 1
    assert sizes[10:].sum() == pytest.approx(1)


def test_cover_counts_every_pair_of_long_chains():
    sizes = cover([("blur+jpeg", "shift"), ("blur", "shift")])
    assert sizes.tolist() == [1.5, 0.5]


def test_random_treats_all_alike():
    assert random(3).tolist() == [1, 1, 1]
