"""Datasets from sequences: the frames beside a reference reach the operators, and nobody else's side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline import shard as shard_module
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.split import split
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.planning.plan import Planner
from bappsmith.pipeline.rendering.crop import cut
from bappsmith.pipeline.sources.index import index_sources

TRAIN, VAL = "2afc/train/frameinterp", "2afc/val/frameinterp"
RANKING = ["sequence_dis", "sequence_farneback", "sequence_nearest", "sequence_average"]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four sequences of four frames, 72×72 px, in which the picture moves to the right; and one other photograph."""
    root = tmp_path_factory.mktemp("clips")
    for number, patch in enumerate(natural_patches(4, 100)):
        (root / f"clip{number}").mkdir()
        for time in range(4):
            left = 20 - 3 * time
            Image.fromarray(patch[14:86, left : left + 72]).save(root / f"clip{number}/{time + 8}.png")
    Image.fromarray(natural_patches(5, 72)[4]).save(root / "alone.png")
    return root


def recipe(clips: Path, *paths: str, sequences: str = "numbered", seed: int = 0, split_seed: int = 0) -> Recipe:
    distort = {"families": ["sequence_interpolation"], "length": [1]}
    judge = {"kind": "context", "ranking": RANKING}
    subsets = [
        {"path": p, "triplets": 9, "distort": distort, "pairing": "same-degradation", "judge": judge} for p in paths
    ]
    sources = {"path": str(clips), "sequences": sequences, "val_fraction": 0.5, "split_seed": split_seed}
    return Recipe.from_dict(
        {"name": "a", "seed": seed, "patch": 24, "scale": [1, 2], "sources": sources, "subsets": subsets}
    )


@pytest.fixture(scope="module")
def made(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "data"
    generate(recipe(clips, TRAIN, VAL), out)
    return out


def test_references_are_inner_frames_and_provenance_names_those_beside(made: Path):
    clips_of: dict[str, set[str]] = {}
    for path in (TRAIN, VAL):
        for row in (Dataset(made).sealed(path).row(index) for index in range(9)):
            clip, number = row.plan.photo.split("/")
            number = int(number.removesuffix(".png"))
            assert number in (9, 10)
            for chain in (row.plan.chain0, row.plan.chain1):
                params = chain.calls[0].params
                assert (params["before"], params["after"]) == (f"{clip}/{number - 1}.png", f"{clip}/{number + 1}.png")
            assert row.plan.chain0.names != row.plan.chain1.names
            clips_of.setdefault(path, set()).add(clip)
    assert len(clips_of[TRAIN]) == len(clips_of[VAL]) == 2
    assert not clips_of[TRAIN] & clips_of[VAL]


def test_the_mean_is_that_of_the_real_frames(made: Path, clips: Path):
    found = 0
    for path in (TRAIN, VAL):
        sealed = Dataset(made).sealed(path)
        for index in range(9):
            row, images = sealed.row(index), sealed[index].images
            for side, chain in (("p0", row.plan.chain0), ("p1", row.plan.chain1)):
                call = chain.calls[0]
                if call.name == "sequence_average":
                    before, after = (
                        cut(np.asarray(Image.open(clips / str(call.params[which]))), row.crop, 24, 0)
                        for which in ("before", "after")
                    )
                    assert np.array_equal(images[side], cv2.addWeighted(before, 0.5, after, 0.5, 0))
                    found += 1
    assert found


def test_the_flow_finds_the_motion(made: Path):
    errors: dict[str, list[float]] = {}
    for path in (TRAIN, VAL):
        sealed = Dataset(made).sealed(path)
        for index in range(9):
            row, images = sealed.row(index), sealed[index].images
            for side, chain in (("p0", row.plan.chain0), ("p1", row.plan.chain1)):
                error = np.abs(images[side].astype(float) - images["ref"]).mean()
                errors.setdefault(chain.names[0], []).append(float(error))
    assert np.mean(errors["sequence_dis"]) < 0.5 * np.mean(errors["sequence_average"])


def test_replay_is_exact(made: Path, clips: Path):
    for path in (TRAIN, VAL):
        assert replay(made, path, 4, photos=str(clips)).exact


def test_a_killed_run_goes_on_to_the_same_bytes(
    made: Path, clips: Path, tmp_path: Path, tree: Callable[[Path], dict[str, str]], monkeypatch: pytest.MonkeyPatch
):
    render = shard_module.render
    monkeypatch.setattr(
        shard_module, "render", lambda records, read: 1 / 0 if "/val/" in records[0].subset else render(records, read)
    )
    with pytest.raises(ZeroDivisionError):
        generate(recipe(clips, TRAIN, VAL), tmp_path / "data")
    monkeypatch.undo()
    assert generate(recipe(clips, TRAIN, VAL), tmp_path / "data").new_items == 9
    assert tree(tmp_path / "data") == tree(made)


@pytest.mark.slow
def test_two_workers_make_the_same_bytes(
    made: Path, clips: Path, tmp_path: Path, tree: Callable[[Path], dict[str, str]]
):
    generate(recipe(clips, TRAIN, VAL), tmp_path / "data", workers=2)
    assert tree(tmp_path / "data") == tree(made)


def test_a_split_keeps_sequences_together(clips: Path, tmp_path: Path):
    generate(recipe(clips, TRAIN), tmp_path / "all")
    for seed in range(3):
        split(tmp_path / "all", tmp_path / f"split{seed}", 0.5, seed=seed)
        sides = [
            {photo.split("/")[0] for photo in Dataset(tmp_path / f"split{seed}").sealed(path).columns("photo")["photo"]}
            for path in (TRAIN, VAL)
        ]
        assert not sides[0] & sides[1]


def test_merge_refuses_a_sequence_on_both_sides(clips: Path, tmp_path: Path):
    sides = {
        seed: [photo.name for photo in Planner(one, one.subsets[0], index_sources(one.sources).photographs).photographs]
        for seed in range(6)
        for one in [recipe(clips, VAL, TRAIN, split_seed=seed)]
    }
    other = next(seed for seed in sides if sides[seed] != sides[0])
    generate(recipe(clips, TRAIN, VAL), tmp_path / "a")
    generate(recipe(clips, TRAIN, VAL, seed=1, split_seed=other), tmp_path / "b")
    with pytest.raises(BappsmithError, match="train and val never share"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "both")


def test_operators_that_need_frames_are_refused_without_sequences(clips: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"sequence_average needs the frames before and after .* numbered"):
        generate(recipe(clips / "missing", TRAIN, sequences="none"), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_operators_that_need_frames_come_first(clips: Path):
    one = recipe(clips, TRAIN)
    later = one.subsets[0].model_copy(
        update={
            "pairing": "independent",
            "distort": one.subsets[0].distort.model_copy(
                update={"families": ("sequence_interpolation",), "length": (2,)}
            ),
        }
    )
    with pytest.raises(BappsmithError, match="starts from the frames before and after"):
        Planner(one, later, index_sources(one.sources).photographs)


def test_one_sequence_is_not_both_train_and_val(clips: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match="two different sequences"):
        generate(recipe(clips / "clip0", TRAIN, VAL), tmp_path / "data")


def test_recipes_without_sequences_are_written_as_before(clips: Path):
    assert "sequences" not in recipe(clips, TRAIN, sequences="none").to_yaml()
    again = Recipe.from_yaml(recipe(clips, TRAIN).to_yaml())
    assert again.sources.sequences == "numbered"
