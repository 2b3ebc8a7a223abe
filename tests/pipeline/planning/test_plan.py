"""Planning: pure, balanced, within what the recipe allows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bappsmith.distortions.parameters import depends_on_severity
from bappsmith.distortions.plugins import load_plugin
from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.load import shipped_recipes
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.pipeline.planning.plan import Planner, usable_split
from bappsmith.pipeline.planning.terms import with_names

PHOTOGRAPHS = tuple(Photograph(f"{i:02d}.png", f"sha{i}", 300 + i, 400 - i, f"pixels{i}") for i in range(40))


def planner(index: int = 0, photographs: tuple[Photograph, ...] = PHOTOGRAPHS, **change: object) -> Planner:
    subset = {"path": "2afc/train/a", "triplets": 3000, **change}
    recipe = Recipe.from_dict({"name": "x", "seed": 3, "subsets": [subset, {"path": "jnd/val/a", "pairs": 50}]})
    return Planner(recipe, recipe.subsets[index], photographs)


def test_a_plan_depends_on_nothing_but_recipe_subset_and_index():
    here, there = planner(), planner()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state must not be touched
    forward = [here.plan(i) for i in range(40)]
    backward = [there.plan(i) for i in reversed(range(40))]
    assert forward == backward[::-1]
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    assert len({repr(record.chain0) for record in forward}) == 40


def test_seed_and_subset_change_the_plan():
    base = Recipe.from_dict({"name": "x", "subsets": [{"path": "2afc/train/a", "triplets": 9}]})
    other_seed = base.model_copy(update={"seed": 1})
    renamed = Recipe.from_dict({"name": "x", "subsets": [{"path": "2afc/train/b", "triplets": 9}]})
    chains = {repr(Planner(r, r.subsets[0], PHOTOGRAPHS).plan(0).chain0) for r in (base, other_seed, renamed)}
    assert len(chains) == 3


@pytest.mark.parametrize("triplets", [30, 512, 600, 1500])
def test_a_small_subset_uses_as_many_photographs_as_it_can(triplets: int):
    many = tuple(Photograph(f"{i:04d}.png", f"sha{i}", 90, 90, f"pixels{i}") for i in range(1000))
    one = planner(photographs=many, triplets=triplets)
    used = Counter(one.plan(i).photo for i in range(triplets))
    train = len(usable_split(one.recipe, many)["train"])
    assert len(used) >= min(triplets, train) * 0.9
    assert max(used.values()) - min(used.values()) <= 2


def test_records_survive_a_table_row():
    made = planner()
    for index in range(20):
        record = made.plan(index)
        assert TripletRecord.from_row(record.subset, record.to_row()) == record


def test_crops_lie_inside_their_photograph_and_scale():
    sizes = {photo.name: photo for photo in PHOTOGRAPHS}
    made = planner()
    for index in range(300):
        record = made.plan(index)
        photo = sizes[record.photo]
        for y, x, side in record.crops:
            assert 64 <= side <= 256
            assert 0 <= y <= photo.height - side
            assert 0 <= x <= photo.width - side


def test_photographs_take_turns_evenly_and_few_share_a_shard():
    made = planner()
    used = Counter(made.plan(i).photo for i in range(512 * 4))  # 4 shards of 16 = two rounds of 32
    assert set(used.values()) == {64}
    assert len(used) == 32
    assert len({made.plan(i).photo for i in range(512)}) == 16


def test_train_and_val_records_share_no_photograph():
    ours, theirs = planner(), planner(1)
    train = {ours.plan(i).photo for i in range(2000)}
    val = {theirs.plan(i).photo for i in range(2000)}
    assert not train & val


@pytest.mark.parametrize("name", shipped_recipes())
def test_shipped_recipes_can_be_planned(name: str, bank: Path):
    recipe = Recipe.load(name)
    of_networks = [subset for subset in recipe.subsets if "denoiser" in set(subset.distort.terms())]
    assert bool(of_networks) == (name in ("bapps", "bapps-cnn", "bapps-mix", "bapps-val", "quickstart"))
    if of_networks:
        with pytest.raises(BappsmithError, match="draws from a bank of networks of task denoise, and none is loaded"):
            Planner(recipe, of_networks[-1], PHOTOGRAPHS)
        load_plugin(bank)
    for subset in recipe.subsets:
        assert Planner(recipe, subset, PHOTOGRAPHS).plan(subset.count - 1).index == subset.count - 1


def test_severities_fill_the_range_of_the_recipe():
    made = planner(distort={"operators": ["gaussian_blur", "jpeg"], "severity": [0.25, 0.5]})
    drawn = [
        call.severity
        for i in range(2000)
        for chain in (made.plan(i).chain0, made.plan(i).chain1)
        for call in chain.calls
    ]
    assert 0.25 < min(drawn) < 0.252
    assert 0.498 < max(drawn) <= 0.5
    assert np.mean(drawn) == pytest.approx(0.375, abs=0.005)


def test_same_chain_differs_in_severity_alone():
    made = planner(pairing="same-chain")
    known = operators()
    sides = Counter()
    for index in range(200):
        record = made.plan(index)
        assert record.chain0.names == record.chain1.names
        milder, stronger = sorted((record.chain0, record.chain1), key=lambda chain: chain.severity)
        for low, high in zip(milder.calls, stronger.calls, strict=True):
            assert low.severity < high.severity
            moving = {key for key, p in known[low.name].parameters.items() if depends_on_severity(p)}
            assert {k: v for k, v in low.params.items() if k not in moving} == {
                k: v for k, v in high.params.items() if k not in moving
            }
        sides[milder is record.chain1] += 1
    assert min(sides.values()) > 60


def test_different_operators_have_none_in_common():
    made = planner(
        pairing="different-operators",
        distort={"operators": ["gaussian_blur", "jpeg", "shift"], "length": [1]},
    )
    pairs = Counter((made.plan(i).chain0.names, made.plan(i).chain1.names) for i in range(300))
    assert len(pairs) == 6
    assert all(not set(a) & set(b) for a, b in pairs)


def test_chains_follow_the_patterns_of_the_recipe():
    made = planner(distort={"patterns": [["noise", ["jpeg", "blur"], "shift"], ["set:contexts"]]}, pairing="same-chain")
    known = operators()
    lengths = Counter()
    for index in range(200):
        names = made.plan(index).chain0.names
        lengths[len(names)] += 1
        if len(names) == 1:
            assert known[names[0]].family == "contexts"
        else:
            assert [known[name].family for name in names[:2]] in (["noise", "compression"], ["noise", "blur"])
            assert names[2] == "shift"
    assert set(lengths) == {1, 3}
    assert min(lengths.values()) > 70


def test_names_in_place_of_families_change_no_plan():
    rules = {"families": ["blur", "noise"], "exclude": ["pink_noise"], "exclude_pairs": [["noise", "noise"]]}
    made = planner(distort={**rules, "length": [1, 2, 3]}, pairing="different-operators")
    named = Planner(with_names(made.recipe), with_names(made.recipe).subsets[0], PHOTOGRAPHS)
    assert [made.plan(i) for i in range(60)] == [named.plan(i) for i in range(60)]


def test_jnd_leaves_the_first_patch_alone():
    record = planner(1).plan(0)
    assert record.chain0.calls == ()
    assert record.chain1.calls


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"distort": {"operators": ["gausian_blur"]}}, "did you mean 'gaussian_blur'"),
        ({"distort": {"families": ["noize"]}}, "did you mean 'noise'"),
        ({"distort": {"exclude_pairs": [["blurr", "noise"]]}}, "did you mean 'blur'"),
        ({"distort": {"operators": ["jpeg"], "length": [2]}}, "no chain of length 2"),
        ({"distort": {"patterns": [["noise", "blurr"]]}}, "did you mean 'blur'"),
        (
            {"distort": {"operators": ["jpeg"], "length": [1]}, "pairing": "different-operators"},
            "needs two different operators",
        ),
    ],
)
def test_impossible_subsets_are_refused(change: dict[str, object], words: str):
    with pytest.raises(BappsmithError, match=words):
        planner(**change)


def test_a_patch_larger_than_every_photograph_is_refused_with_the_largest():
    small = (Photograph("a.png", "1", 40, 50, "1"), Photograph("b.png", "2", 60, 63, "2"))
    with pytest.raises(BappsmithError, match=r"64 px.*b\.png, is 63×60"):
        planner(photographs=small)


def test_one_photograph_cannot_serve_train_and_val():
    same = (Photograph("a.png", "1", 100, 100, "same"), Photograph("copy.png", "2", 100, 100, "same"))
    with pytest.raises(BappsmithError, match="never share a photograph"):
        planner(photographs=same)
