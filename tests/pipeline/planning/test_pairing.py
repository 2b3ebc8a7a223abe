"""The two chains of an item, by pairing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Choice, Nuisance, PerValue, Severity
from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operators, register
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.planning.chains import subset_chains
from bappsmith.pipeline.planning.pairing import PairedChains


class Nearest(Distortion):
    """Reduces, and enlarges by nearest neighbours."""

    name = "restore_nearest"
    factor = Severity(2, 6, "factor")
    method = Choice(("area", "skip"), "method of reduction")
    degradation = ("factor", "method")


class Cubic(Distortion):
    """Reduces, and enlarges by a cubic: the sharpness depends on the method of reduction."""

    name = "restore_cubic"
    before = Nuisance(0, 1, "offset")
    factor = Severity(2, 6, "factor")
    method = Choice(("area", "skip"), "method of reduction")
    sharpness = PerValue("method", {"area": Nuisance(0, 1, "gain"), "skip": Nuisance(2, 3, "gain")})
    degradation = ("factor", "method")


class Lanczos(Cubic):
    """A third one."""

    name = "restore_lanczos"


RESTORERS = ["restore_nearest", "restore_cubic", "restore_lanczos"]


@pytest.fixture(autouse=True)
def restorers() -> None:
    for one in (Nearest, Cubic, Lanczos):
        register(one)


def paired(pairing: str, names: list[str], patch: int = 64, **distort: Any) -> PairedChains:
    judge = {"judge": {"kind": "context", "ranking": names}} if pairing == "same-degradation" else {}
    rules = {"operators": names, "length": [1], **distort}
    subset = {"path": "2afc/train/a", "triplets": 9, "pairing": pairing, "distort": rules, **judge}
    recipe = Recipe.from_dict({"name": "x", "patch": patch, "subsets": [subset]})
    return PairedChains(recipe.subsets[0], subset_chains(recipe.subsets[0]), recipe.patch)


def pairs(pairing: PairedChains, count: int) -> list[tuple[Chain, Chain]]:
    return [pairing.draw(Draws(7, index)) for index in range(count)]


def test_same_degradation_shares_what_degrades_and_nothing_else():
    known = operators()
    for chain0, chain1 in pairs(paired("same-degradation", RESTORERS), 200):
        (first,), (second,) = chain0.calls, chain1.calls
        assert first.name != second.name
        assert first.severity == second.severity
        for key in ("factor", "method"):
            assert first.params[key] == second.params[key]
        for call in (first, second):
            declared = known[call.name].parameters
            assert list(call.params) == list(declared)
            assert all(declared[key].allows(value, call.params) for key, value in call.params.items())
        if {first.name, second.name} == {"restore_cubic", "restore_lanczos"}:
            assert first.params["before"] != second.params["before"]
            assert first.params["sharpness"] != second.params["sharpness"]


def test_every_ordered_pair_of_restorers_is_equally_likely():
    drawn = Counter((a.names[0], b.names[0]) for a, b in pairs(paired("same-degradation", RESTORERS), 1200))
    assert len(drawn) == 6
    assert all(150 < count < 250 for count in drawn.values())


def test_operators_without_a_partner_are_not_drawn():
    drawn = pairs(paired("same-degradation", ["jpeg", *RESTORERS[:2]]), 50)
    assert {name for pair in drawn for chain in pair for name in chain.names} == set(RESTORERS[:2])


def test_a_pattern_that_restores_nothing_twice_is_refused():
    with pytest.raises(
        BappsmithError,
        match=r"^subset 2afc/train/a: pairing same-degradation needs two .*none among jpeg, restore_cubic",
    ):
        paired("same-degradation", ["jpeg", "restore_cubic"])
    with pytest.raises(BappsmithError, match="none among jpeg, restore_cubic, restore_nearest"):
        paired("same-degradation", ["x", "y"], operators=[], length=[], patterns=[[RESTORERS[:2]], ["jpeg"]])


@pytest.mark.parametrize("pairing", ["independent", "different-operators", "same-chain", "same-degradation"])
def test_draws_know_the_size_of_the_patch(pairing: str, monkeypatch: pytest.MonkeyPatch):
    sides = set()
    real = Distortion.call

    def call(self: Distortion, severity: float, draws: Draws, side: int = 0, given: Any = None) -> Any:
        sides.add(side)
        return real(self, severity, draws, side, given)

    monkeypatch.setattr(Distortion, "call", call)
    pairs(paired(pairing, RESTORERS, patch=48), 3)
    assert sides == {48}


def test_disjoint_pairs_that_do_not_exist_are_refused():
    with pytest.raises(BappsmithError, match="needs two different operators"):
        paired("different-operators", RESTORERS, length=[2])
    with pytest.raises(BappsmithError, match="needs two different operators"):
        paired("different-operators", [], operators=[], length=[], patterns=[["jpeg", "noise"], ["blur", "jpeg"]])
