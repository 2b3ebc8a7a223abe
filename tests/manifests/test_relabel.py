"""Labellings: stored, sealed, listed, chosen, activated; nothing is rendered."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bappsmith.lpips import load_subset
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.plain_subset import PlainSubset
from bappsmith.manifests.recipe.judge import JudgeSpec, read_judge
from bappsmith.manifests.relabel import activate, add_labelling
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.sealed_json import sealed_bytes
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.verify import verify

TRAIN = "2afc/train/a"


def opposite(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 - shares, in the precision of files."""
    return (1 - shares).astype(np.float32).astype(np.float64)


def turned(root: Path) -> dict[SubsetPath, Labelling]:
    """The opposite of every judgment."""
    return {
        subset.path: Labelling(
            "turned",
            opposite(subset.labels().shares),
            np.full(len(subset), 7, np.int32),
            ('{"kind":"test"}',) * len(subset),
        )
        for subset in Dataset(root).subsets()
    }


@pytest.fixture(params=FORMS)
def copy(request: pytest.FixtureRequest, finished: dict[str, Path], tmp_path: Path) -> Path:
    """A dataset of each form that a test may change."""
    form: Form = request.param
    return Path(shutil.copytree(finished[form], tmp_path / form))


def test_a_labelling_is_stored_listed_and_activated(copy: Path, tmp_path: Path):
    before = Dataset(copy)[TRAIN].labels().shares
    add_labelling(Dataset(copy), "turned", turned(copy))
    dataset = Dataset(copy)
    assert dataset.finished.labellings == ("recipe", "turned")
    assert dataset.finished.active == "recipe"
    assert verify(copy).clean
    labels = dataset[TRAIN].labels("turned")
    assert labels.shares.tolist() == opposite(before).tolist()
    assert labels.votes.tolist() == [7] * 520
    assert dataset[TRAIN].judged("turned")[5].judgment == opposite(before)[5]
    activate(str(copy), "turned")
    assert verify(copy).clean
    assert not (copy / ".bappsmith").exists()
    assert Dataset(copy)[TRAIN].labels().shares.tolist() == opposite(before).tolist()
    # What a reader that knows nothing of labellings sees.
    if (copy / TRAIN / "judge").is_dir():
        assert PlainSubset(copy / TRAIN).labels().shares.tolist() == opposite(before).tolist()
    assert load_subset(copy / TRAIN, cache=tmp_path / "cache").labels.tolist() == opposite(before).tolist()
    activate(str(copy), "recipe")
    assert verify(copy).clean
    assert Dataset(copy)[TRAIN].labels().shares.tolist() == before.tolist()


def test_there_and_back_gives_the_same_items(finished: dict[str, Path], tmp_path: Path):
    shutil.copytree(finished["folders"], tmp_path / "data")
    add_labelling(Dataset(tmp_path / "data"), "turned", turned(tmp_path / "data"))
    activate(str(tmp_path / "data"), "turned")
    activate(str(tmp_path / "data"), "recipe")
    for path in (finished["folders"] / "2afc").rglob("*.*"):
        assert (tmp_path / "data" / path.relative_to(finished["folders"])).read_bytes() == path.read_bytes()


def test_derived_datasets_keep_shared_labellings_and_the_active_one(finished: dict[str, Path], tmp_path: Path):
    root = Path(shutil.copytree(finished["folders"], tmp_path / "data"))
    add_labelling(Dataset(root), "turned", turned(root))
    activate(str(root), "turned")
    shares = Dataset(root)[TRAIN].labels().shares
    sample(root, tmp_path / "few", 0.1)
    few = Dataset(tmp_path / "few")
    assert (few.finished.active, few.finished.labellings) == ("turned", ("recipe", "turned"))
    origins = [row.origin.index for row in few.sealed(TRAIN).rows() if row.origin]
    assert few[TRAIN].labels().shares.tolist() == shares[origins].tolist()
    assert verify(tmp_path / "few").clean
    convert(root, tmp_path / "tar", "tar")
    assert Dataset(tmp_path / "tar")[TRAIN].labels().shares.tolist() == shares.tolist()
    with pytest.raises(BappsmithError, match="both hold"):
        merge([root, tmp_path / "few"], tmp_path / "both")


def test_an_interrupted_activation_says_how_to_go_on(finished: dict[str, Path], tmp_path: Path):
    root = Path(shutil.copytree(finished["folders"], tmp_path / "data"))
    add_labelling(Dataset(root), "turned", turned(root))
    (root / ".bappsmith").mkdir()
    begin = {"kind": "activation", "facts": {"labelling": "turned"}}
    (root / ".bappsmith/begin.json").write_bytes(sealed_bytes(begin))
    with pytest.raises(BappsmithError, match="--as turned --activate` again"):
        Dataset(root)
    activate(str(root), "turned")
    assert verify(root).clean


@pytest.mark.parametrize(
    ("name", "words"),
    [("recipe", "already has another labelling 'recipe'"), ("a/b", "use letters"), ("", "use letters")],
)
def test_names_that_are_taken_or_invalid_are_refused(finished: dict[str, Path], name: str, words: str):
    with pytest.raises(BappsmithError, match=words):
        add_labelling(Dataset(finished["tar"]), name, turned(finished["tar"]))


def test_labellings_that_do_not_fit_are_refused(finished: dict[str, Path]):
    root = finished["tar"]
    whole = turned(root)
    path = SubsetPath.parse("jnd/val/a")
    with pytest.raises(BappsmithError, match="has no judgments for subset jnd/val/a"):
        add_labelling(Dataset(root), "x", {key: value for key, value in whole.items() if key != path})
    short = Labelling("x", np.zeros(4), np.zeros(4, np.int32), ("{}",) * 4)
    with pytest.raises(BappsmithError, match="jnd/val/a holds 5 items, found 4 judgments"):
        add_labelling(Dataset(root), "x", {**whole, path: short})
    wild = Labelling("x", np.array([0, 1, np.nan, 0, 0]), np.zeros(5, np.int32), ("{}",) * 5)
    with pytest.raises(BappsmithError, match="is not in"):
        add_labelling(Dataset(root), "x", {**whole, path: wild})
    with pytest.raises(BappsmithError, match=r"unknown labelling .* 'x'"):
        Dataset(root)[TRAIN].labels("x")
    with pytest.raises(BappsmithError, match="has no labelling 'x'"):
        activate(str(root), "x")
    assert verify(root).clean


def test_the_three_judges_label_a_finished_dataset(finished: dict[str, Path], tmp_path: Path):
    root = Path(shutil.copytree(finished["tar"], tmp_path / "data"))
    recipe = Dataset(root)[TRAIN].labels().shares
    judge_dataset(root, JudgeSpec(kind="scale"), "again")
    assert Dataset(root)[TRAIN].labels("again").shares.tolist() == recipe.tolist()
    ranking = ("jpeg", "contrast", "gaussian_blur")
    judge_dataset(root, read_judge("context", [f"ranking={list(ranking)}"]), "ranked")
    dataset = Dataset(root).sealed(TRAIN)
    for row, share in zip(dataset.rows(), dataset.labels("ranked").shares, strict=True):
        worst = [max(map(ranking.index, chain.names)) for chain in (row.plan.chain0, row.plan.chain1)]
        assert share == (0.5 if worst[0] == worst[1] else float(worst[1] < worst[0]))
    with pytest.raises(BappsmithError, match="the ranking lacks gaussian_blur"):
        judge_dataset(root, read_judge("context", ["ranking=[jpeg, contrast]"]), "short")
    judge_dataset(root, read_judge("psychometric", ["votes=5"]), "votes")
    labels = Dataset(root)["jnd/val/a"].labels("votes")
    assert set(labels.votes.tolist()) == {5}
    assert Dataset(root)[TRAIN].labels("votes").shares.tolist() == recipe.tolist()
    assert Dataset(root).finished.labellings == ("again", "ranked", "recipe", "votes")
    assert verify(root).clean
