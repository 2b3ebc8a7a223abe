"""Items to look at: every operator is shown about equally often."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bappsmith.manifests.dataset import Dataset
from bappsmith.pipeline.reports.choose import choose_items, share_out


def test_what_a_small_subset_cannot_take_goes_to_the_others():
    assert share_out(30, [100, 5, 100]) == [13, 5, 12]
    assert share_out(1000, [100, 5]) == [100, 5]
    assert share_out(2, [9, 9, 9]) == [1, 1, 0]


def test_operators_take_turns(made: Path):
    subset = Dataset(made).sealed("2afc/train/small")
    chosen = choose_items(subset, 30)
    assert chosen == sorted(set(chosen)) == choose_items(subset, 30)
    assert len(chosen) == 30
    counts = Counter(name for row in subset.take(chosen) for name in {*row.plan.chain0.names, *row.plan.chain1.names})
    assert len(counts) == 3
    assert max(counts.values()) - min(counts.values()) <= 3
    assert choose_items(subset, 10_000) == list(range(520))
