"""What to ask next."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from bappsmith.annotation.selection.next_items import FIRST, information_of_next_vote, next_priorities
from bappsmith.annotation.selection.selection_file import Selection


def test_the_first_vote_tells_most():
    n = np.repeat(np.arange(12), 12)
    k = np.tile(np.arange(12), 12)
    bits = information_of_next_vote(k[k <= n], n[k <= n])
    assert bits[0] == bits.max() == pytest.approx(FIRST)
    assert pytest.approx(1 - (-(0.75 * np.log2(0.75)) - 0.25 * np.log2(0.25))) == FIRST
    assert (bits >= 0).all()


def test_divided_items_tell_more_than_agreed_ones():
    divided, clear, sure = information_of_next_vote([3, 4, 5], [5, 5, 5])
    assert divided > clear > sure
    assert information_of_next_vote([2], [5]) == pytest.approx(divided)


def test_it_equals_the_simulated_gain():
    """Draw θ from the posterior by its definition, and compare entropies by counting."""
    rng = np.random.default_rng(1)
    theta = rng.random(2_000_000)
    seen = theta[rng.binomial(4, theta) == 3]
    vote = rng.random(len(seen)) < seen

    def entropy(side: np.ndarray) -> float:
        p = side.mean()
        return float(-p * np.log2(p) - (1 - p) * np.log2(1 - p))

    after = vote.mean() * entropy(seen[vote] > 0.5) + (1 - vote.mean()) * entropy(seen[~vote] > 0.5)
    assert information_of_next_vote([3], [4])[0] == pytest.approx(entropy(seen > 0.5) - after, abs=3e-3)


def test_what_metrics_expect_counts_before_the_first_vote():
    undecided, likely = information_of_next_vote([0, 0], [0, 0], [0.5, 0.9])
    assert undecided > likely


def _votes(*rows: tuple[str, int, str, str, bool]) -> pa.Table:
    names = ("subset", "index", "choice", "role", "counted")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


class Study:
    def __init__(self, votes: pa.Table) -> None:
        self._votes = votes

    def votes(self) -> pa.Table:
        return self._votes


def test_only_counted_answers_to_items_are_votes():
    study = Study(
        _votes(
            ("2afc/val/a", 0, "p1", "item", True),
            ("2afc/val/a", 0, "p0", "item", True),
            ("2afc/val/a", 0, "p0", "repeat", True),
            ("2afc/val/a", 1, "p1", "item", True),
            ("2afc/val/a", 1, "p1", "item", False),
            ("jnd/val/a", 1, "same", "item", True),
        )
    )
    priorities = {(subset, index): bits for subset, index, bits in next_priorities(study)}
    expected = information_of_next_vote([1, 1, 1], [2, 1, 1])
    assert list(priorities) == [("2afc/val/a", 0), ("2afc/val/a", 1), ("jnd/val/a", 1)]
    assert list(priorities.values()) == pytest.approx(expected.tolist())
    assert max(priorities.values()) < FIRST


def test_items_of_a_selection_have_priorities_before_anybody_voted():
    expected = {"expected": np.array([0.5, 1.0, np.nan])}
    selection = Selection(("2afc/val/a",) * 3, np.array([7, 8, 9]), np.full(3, 0.5), expected)
    nobody = Study(_votes(("2afc/val/a", 9, "p1", "item", False)))
    priorities = {index: bits for _, index, bits in next_priorities(nobody, selection)}
    assert priorities[7] == priorities[9] == pytest.approx(FIRST)
    assert 0 < priorities[8] < FIRST
    assert list(next_priorities(nobody)) == []
