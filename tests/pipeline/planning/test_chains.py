"""Which chains a recipe allows, and that each is drawn as often as the others."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.distort import Distort
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.recipe.named_sets import named_set
from bappsmith.pipeline.planning.chains import Chains, allowed_chains

OPERATORS = ("jpeg", "contrast", "shift", "gaussian_blur", "pink_noise", "blue_noise")
FAMILY = {name: op.family for name, op in operators().items()}


def chains(**distort: Any) -> Chains:
    return allowed_chains(Distort.model_validate(distort), "subset x")


def listed(slots: tuple[tuple[str, ...], ...], pairs: list[tuple[str, str]]) -> set[tuple[str, ...]]:
    """Every allowed chain, by listing all."""

    def excluded(a: str, b: str) -> bool:
        return any(first in (a, FAMILY[a]) and second in (b, FAMILY[b]) for first, second in pairs)

    return {
        chain
        for chain in itertools.product(*slots)
        if len(set(chain)) == len(chain) and not any(excluded(a, b) for a, b in itertools.pairwise(chain))
    }


def drawn(of: Chains, count: int, key: int = 0) -> Counter[tuple[str, ...]]:
    draws = Draws(key)
    return Counter(of.draw(draws) for _ in range(count))


def assert_uniform(counts: Counter[tuple[str, ...]], expected: set[tuple[str, ...]]) -> None:
    """Pearson's statistic lies within 4 standard deviations of its mean."""
    assert set(counts) <= expected
    mean, freedom = counts.total() / len(expected), len(expected) - 1
    statistic = sum((counts[chain] - mean) ** 2 / mean for chain in expected)
    assert abs(statistic - freedom) <= 4 * math.sqrt(2 * freedom)


names = st.lists(st.sampled_from(OPERATORS), min_size=1, max_size=4, unique=True)
terms = st.sampled_from([*OPERATORS, "noise", "photometric", "spatial"])


@given(slots=st.lists(names, min_size=1, max_size=4), pairs=st.lists(st.tuples(terms, terms), max_size=8))
@settings(max_examples=60, deadline=None)
def test_drawn_chains_are_the_allowed_ones_of_their_pattern(slots: list[list[str]], pairs: list[tuple[str, str]]):
    expected = listed(tuple(map(tuple, slots)), pairs)
    if not expected:
        with pytest.raises(BappsmithError, match=f"no chain of length {len(slots)} is left"):
            chains(patterns=[slots], exclude_pairs=pairs)
        return
    possible = chains(patterns=[slots], exclude_pairs=pairs)
    assert set(drawn(possible, 40)) <= expected
    needed = {name for chain in expected for name in chain}
    assert possible.names >= needed
    if len(slots) <= 2:
        assert possible.names == needed


@pytest.mark.parametrize(
    ("distort", "pairs"),
    [
        ({"operators": list(OPERATORS), "length": [1]}, []),
        ({"operators": list(OPERATORS), "length": [2]}, [("noise", "noise"), ("jpeg", "contrast")]),
        ({"operators": list(OPERATORS[:4]), "length": [4]}, [("jpeg", "contrast")]),
        ({"patterns": [[["jpeg", "shift"], "noise", ["jpeg", "contrast", "shift"]]]}, [("shift", "pink_noise")]),
        # The slots overlap in part: after shift, fewer operators are left than after jpeg.
        ({"patterns": [[["jpeg", "shift", "contrast"], ["shift", "contrast", "pink_noise"]]]}, []),
        ({"patterns": [[["jpeg", "shift"], ["contrast", "shift"], ["jpeg", "contrast", "pink_noise"]]]}, []),
    ],
)
def test_allowed_chains_of_one_pattern_are_equally_likely(distort: dict[str, Any], pairs: list[tuple[str, str]]):
    possible = chains(**distort, exclude_pairs=pairs)
    expected = listed(possible.patterns[0].slots, pairs)
    assert_uniform(drawn(possible, 200 * len(expected)), expected)


def test_patterns_are_equally_likely_however_many_chains_they_have():
    lengths = Counter(
        len(chain) for chain in drawn(chains(operators=list(OPERATORS), length=[1, 2, 5]), 3000).elements()
    )
    assert all(900 < lengths[length] < 1100 for length in (1, 2, 5))
    counts = drawn(chains(patterns=[["jpeg"], ["jpeg"], ["set:contexts"]]), 3000)
    assert 1900 < counts[("jpeg",)] < 2100  # given twice: drawn twice as often


def test_bapps_traditional_composes_20_operators_to_308_pairs():
    # Zhang et al. 2018: "20 distortions and 308 sequentially composed".
    possible = allowed_chains(Recipe.load("bapps-traditional").subsets[0].distort, "x")
    expected = listed(possible.patterns[1].slots, [("noise", "noise"), ("spatial", "spatial")])
    assert len(possible.patterns[0].slots[0]) == 20
    assert len(expected) == 308
    counts = drawn(possible, 12_000)
    assert_uniform(Counter({chain: n for chain, n in counts.items() if len(chain) == 2}), expected)
    assert 5800 < sum(n for chain, n in counts.items() if len(chain) == 1) < 6200


def test_bapps_mix_has_every_traditional_operator_before_and_after_the_networks():
    distort = Recipe.load("bapps-mix").subsets[0].distort
    traditional = named_set("bapps-traditional")
    # No bank is loaded: any other operator stands for the networks.
    text = distort.model_dump_json().replace("denoiser", "context_zoom")
    possible = allowed_chains(Distort.model_validate_json(text), "x")
    both = {(name, "context_zoom") for name in traditional} | {("context_zoom", name) for name in traditional}
    assert_uniform(drawn(possible, 4000), both)


def test_chains_of_eight_operators_in_any_order_can_be_drawn():
    eight = list(operators())[:8]
    for chain in drawn(chains(operators=eight, length=[8]), 5):
        assert sorted(chain) == sorted(eight)


@pytest.mark.parametrize(
    ("distort", "length"),
    [
        ({"operators": ["jpeg"], "length": [2]}, 2),
        ({"operators": ["jpeg", "shift"], "length": [1, 3]}, 3),
        ({"operators": ["noise"], "exclude": ["noise"], "length": [1]}, 1),
        ({"patterns": [["jpeg"], ["jpeg", "jpeg"]]}, 2),
        ({"families": ["noise"], "length": [2], "exclude_pairs": [["noise", "noise"]]}, 2),
        # Every pair of neighbours fits, and no whole chain does.
        ({"patterns": [["jpeg", ["shift", "contrast"], "jpeg"]]}, 3),
    ],
)
def test_rules_that_leave_no_chain_are_refused(distort: dict[str, Any], length: int):
    with pytest.raises(BappsmithError, match=f"^subset x: no chain of length {length} is left"):
        chains(**distort)


def test_disjoint_chains_have_no_operator_in_common_and_are_equally_likely():
    possible = chains(operators=list(OPERATORS[:4]), length=[2])
    draws = Draws(1)
    pairs = Counter(possible.draw_disjoint(draws) for _ in range(2000))
    every = listed(possible.patterns[0].slots, [])
    expected = {(a, b) for a in every for b in every if not set(a) & set(b)}
    assert_uniform(pairs, expected)  # pyright: ignore[reportArgumentType]


def test_an_operator_that_this_machine_cannot_apply_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    """Left out silently, it would leave a recipe with other chains on this machine than on the next one."""
    reason = "needs PyAV, which is not installed: pip install 'bappsmith[video]'"
    monkeypatch.setattr(type(operators()["h264"]), "unavailable", lambda self: reason)
    expected = f"^subset x: operator 'h264' {re.escape(reason)}, or exclude h264$"
    for distort in ({"operators": ["jpeg", "h264"]}, {"families": ["video"]}, {"patterns": [["jpeg"], ["video"]]}):
        with pytest.raises(BappsmithError, match=expected):
            chains(**distort, **({} if "patterns" in distort else {"length": [1]}))
    assert "h264" not in chains(families=["compression", "video"], exclude=["h264", "h265", "vp9", "av1"]).names
    assert "h264" not in chains().names  # a family that nobody names by default
