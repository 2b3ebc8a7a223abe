"""The judge `annotators`: metrics, judges and labellings vote, and what is learnt of them is shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.judge import read_judge
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.agreement import count_labels
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.judges.annotators import Annotators
from bappsmith.pipeline.judging.label import label
from bappsmith.pipeline.judging.registry import make_judge
from bappsmith.pipeline.judging.reliability import learn_reliabilities

from .patches import of_images, swapped, triplets

SETTINGS = ["metrics=[gmsd, l2]", "judges=[severity]"]


def annotators(*settings: str) -> Annotators:
    judge = make_judge(read_judge("annotators", settings or SETTINGS))
    assert isinstance(judge, Annotators)
    return judge


def test_votes_are_signs_and_the_preference_is_the_probit_of_the_posterior():
    judge = annotators("metrics=[l2]", "judges=[severity]", "answers=[people]")
    assert judge.reads == {"pixels", "answers"}
    images = triplets(200)
    rng = np.random.default_rng(2)
    severities, shares = rng.uniform(0, 1, (200, 2)), rng.choice([0, 0.5, 1], 200)
    figures = judge.measure(of_images(images, severities=severities, answers={"people": shares.tolist()}))
    l2 = [np.square(images["ref"] / 127.5 - images[p] / 127.5).mean(axis=(1, 2, 3)) for p in ("p0", "p1")]
    votes = np.stack([l2[0] - l2[1], severities[:, 0] - severities[:, 1], shares - 0.5], axis=1)
    expected = learn_reliabilities(np.sign(votes), np.zeros(200, np.int64))
    np.testing.assert_allclose(judge.prefer(figures, "2afc"), ndtri(np.clip(expected.posterior, 0.01, 0.99)), atol=1e-9)
    assert judge.report(figures, "2afc") == dict(zip(["l2", "severity", "people"], expected.overall, strict=True))
    # p0 and p1 are exchanged: all turns round.
    turned = of_images(swapped(images), severities=severities[:, ::-1], answers={"people": (1 - shares).tolist()})
    np.testing.assert_allclose(judge.prefer(judge.measure(turned), "2afc"), -judge.prefer(figures, "2afc"), atol=1e-6)


def test_reliabilities_are_learnt_per_pair_of_families_whatever_the_side():
    judge = annotators()
    operators = [("jpeg", "gaussian_blur"), ("gaussian_blur", "jpeg+jpeg"), ("jpeg", "jpeg"), ("", "jpeg")]
    figures = judge.measure(of_images(triplets(4), operators=operators))
    families = np.sort(figures["_families"], axis=1)
    assert (families[0] == families[1]).all()
    assert len({tuple(row) for row in families.tolist()}) == 3


def test_identical_patches_and_those_that_every_metric_finds_equal_are_dropped():
    judge = annotators()
    images = triplets(3)
    images["p0"][0] = images["p1"][0]
    figures = {**judge.measure(of_images(images))}
    figures["gmsd"][1:] = figures["l2"][1] = 0  # l2 sees a difference in the last item
    assert judge.drop(figures, "2afc") == ("identical", "unseen", "")


def test_what_was_learnt_is_in_the_sources():
    judge = annotators()
    figures = judge.measure(of_images(triplets(30)))
    labels = label(judge, figures, "2afc", range(30), name="x", seed=0, subset="2afc/train/a")
    learnt = json.loads(labels.sources[0])["learnt"]
    assert learnt == {key: round(value, 6) for key, value in judge.report(figures, "2afc").items()}
    assert list(learnt) == ["gmsd", "l2", "severity"]
    assert "_families" not in json.loads(labels.sources[0])


@pytest.mark.slow  # two processes import torch
def test_two_workers_give_what_one_gives_also_after_a_kill(
    finished: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    spec = read_judge("annotators", [*SETTINGS, "answers=[recipe, ranked]", "votes=3"])
    base = shutil.copytree(finished["tar"], tmp_path / "base")
    judge_dataset(base, read_judge("context", ["ranking=[gaussian_blur, contrast, jpeg]"]), "ranked")
    rows = []
    for workers in (1, 2):
        root = shutil.copytree(base, tmp_path / str(workers))
        with monkeypatch.context() as patched:
            if workers == 1:

                def stop(*_: object, **__: object) -> None:
                    raise KeyboardInterrupt

                patched.setattr("bappsmith.pipeline.datasets.judge.label", stop)
                with pytest.raises(KeyboardInterrupt):
                    judge_dataset(root, spec, "new")
        judge_dataset(root, spec, "new", workers=workers)
        rows.append(Dataset(root)["2afc/train/a"].labels("new").rows())
        counts = {row.subset: row for row in count_labels(Dataset(root), "new")}
        assert list(counts["2afc/train/a"].learnt) == ["gmsd", "l2", "severity", "recipe", "ranked"]
        assert counts["jnd/val/a"].learnt == {}
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["metrics=[gmsd, l2]"], "at least 3 of metrics, judges and answers, found 2"),
        (["metrics=[gmsd, gmsd]", "judges=[severity]"], "gmsd is named twice"),
        (["metrics=[gmsd]", "judges=[severity, severity]"], "severity is named twice"),
        (["metrics=[gmsd, l2]", "judges=[psychometric]"], "psychometric judges jnd"),
        (["metrics=[gmsd, l2]", "judges=[nobody]"], "unknown judge 'nobody'"),
    ],
)
def test_what_is_not_allowed_is_refused_in_one_line(settings: list[str], words: str):
    with pytest.raises(BappsmithError, match=words) as refusal:
        make_judge(read_judge("annotators", settings))
    assert "\n" not in str(refusal.value)


def test_labellings_that_are_missing_are_refused_before_anything_is_written(finished: dict[str, Path]):
    with pytest.raises(BappsmithError, match=r"unknown labelling of .*'people'"):
        judge_dataset(finished["tar"], read_judge("annotators", [*SETTINGS, "answers=[people]"]), "new")
    assert not (finished["tar"] / ".bappsmith").exists()


def test_a_judge_that_learns_cannot_judge_while_a_dataset_is_made(photos: Path, tmp_path: Path):
    judge = {"kind": "annotators", "metrics": ["gmsd", "l2"], "judges": ["severity"]}
    subset = {"path": "2afc/train/a", "triplets": 4, "judge": judge}
    facts = {"name": "x", "patch": 16, "sources": {"path": str(photos)}, "subsets": [subset]}
    with pytest.raises(BappsmithError, match="learns from a whole dataset"):
        generate(Recipe.from_dict(facts), tmp_path / "data")
    subset["judge"] = {"kind": "observers", "of": judge}
    with pytest.raises(BappsmithError, match="judge observers learns from a whole dataset"):
        generate(Recipe.from_dict(facts), tmp_path / "data")
