"""The photographs of the quickstart."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.planning.plan import usable_split
from bappsmith.pipeline.quickstart.photographs import PHOTOGRAPHS, copy_photographs
from bappsmith.pipeline.quickstart.run import NETWORKS, RECIPE, TRAIN, VAL
from bappsmith.pipeline.sources.index import index_sources

LIKED = {
    "astronaut.png", "camera.png", "chelsea.png", "coffee.png", "hubble_deep_field.jpg", "moon.png",
    "motorcycle_left.png", "rocket.jpg",
}  # fmt: skip


def test_people_see_photographs_that_they_like_and_val_has_six(tmp_path: Path):
    copy_photographs(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(PHOTOGRAPHS) == LIKED
    recipe = Recipe.load(RECIPE)
    index = index_sources(recipe.sources.model_copy(update={"path": str(tmp_path)}))
    split = usable_split(recipe, index.photographs)
    val, train = ({photo.name for photo in split[side]} for side in ("val", "train"))
    assert len(val) == 6
    assert train == {"hubble_deep_field.jpg", "moon.png"}
    assert val | train == LIKED


def test_copies_of_a_person_stay_as_they_are(tmp_path: Path):
    (tmp_path / "moon.png").write_bytes(b"mine")
    copy_photographs(tmp_path)
    assert (tmp_path / "moon.png").read_bytes() == b"mine"


def test_the_recipe_has_the_subsets_that_are_trained_on_and_shown():
    assert {TRAIN, VAL, NETWORKS} == {str(subset.where) for subset in Recipe.load(RECIPE).subsets}
