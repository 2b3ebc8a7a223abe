"""Sizes and times in words."""

from __future__ import annotations

import pytest

from bappsmith.cli.dry_run import duration, size


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1_554_000_000, "1.55 GB"), (3 * 10**15, "3e+03 TB")],
)
def test_sizes(count: int, words: str):
    assert size(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.04, "0.04 s"), (9.51, "9.5 s"), (80, "80 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_durations(seconds: float, words: str):
    assert duration(seconds) == words
