"""Scores against cases worked out by hand, and against published ones."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.lpips.evaluation.scores import jnd_map, two_afc_scores
from bappsmith.manifests.errors import BappsmithError

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "judgments" / "bapps_val_alex_retrained"


def test_jnd_map_by_hand():
    # Ordered by distance, same = 1, 0, ⅔, 0: TP = 1, 1, 1⅔, 1⅔; FP = 0, 1, 1⅓, 2⅓.
    # Precision 1, ½, 5/9, 5/12; recall 3/5, 3/5, 1, 1. Envelope 1, 5/9: AP = 3/5·1 + 2/5·5/9.
    assert jnd_map([1, 2, 3, 4], [1, 0, 2 / 3, 0]) == pytest.approx(3 / 5 + 2 / 5 * 5 / 9)
    assert jnd_map([1, 2], [1, 1]) == 1.0
    assert np.isnan(jnd_map([1, 2], [0, 0]))


def test_jnd_ties_do_not_depend_on_order():
    # All distances equal: one point, precision = share of "same", recall 1.
    assert jnd_map([5, 5, 5, 5], [1, 0, 0, 0]) == jnd_map([5, 5, 5, 5], [0, 0, 0, 1]) == 0.25


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=30).filter(
        lambda found: any(same for _, same in found)
    ),
    st.randoms(use_true_random=False),
)
def test_jnd_map_is_order_free_and_follows_ranks_alone(items: list[tuple[int, int]], random: object):
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = jnd_map([d for d, _ in items], [s / 3 for _, s in items])
    assert jnd_map([d for d, _ in shuffled], [s / 3 for _, s in shuffled]) == pytest.approx(first, abs=1e-12)
    assert jnd_map([d**3 for d, _ in items], [s / 3 for _, s in items]) == pytest.approx(first, abs=1e-12)
    assert 0 <= first <= 1


def test_lengths_and_nan_are_refused():
    with pytest.raises(BappsmithError, match="d0 2, d1 1"):
        two_afc_scores([1, 2], [1], [0, 1])
    with pytest.raises(BappsmithError, match="d1 has NaN at position 1"):
        two_afc_scores([1, 2], [1, float("nan")], [0, 1])


@pytest.mark.skipif(not SHARED.is_dir(), reason="published human scores are not beside the checkout")
def test_scores_of_all_bapps_validation_triplets_equal_the_published_column():
    files = sorted(SHARED.glob("*.csv"))
    assert len(files) == 6
    for path in files:
        with path.open() as stream:
            table = np.array([row[1:] for row in csv.reader(stream)], dtype=np.float64)
        d0, d1, score, judge = table.T
        assert two_afc_scores(d0, d1, judge).mean() == pytest.approx(score.mean(), abs=1e-9)
