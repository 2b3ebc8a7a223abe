"""Contexts: rankings, their results, and going on after an interruption."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import adapt
import context_task
import numpy as np
import pytest
import torch
from context_data import CONTEXT, DATA, load_data
from context_task import read_result
from PIL import Image
from rankings import TYPES, draw_rankings, judge_by, name_of, parse_ranking
from skimage.data import astronaut, coffee

from bappsmith.lpips.data.mos.read import read_mos
from bappsmith.lpips.model.backbones import Trunk
from bappsmith.manifests.dataset import Dataset, open_subset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.labels import label_bytes

Run = Callable[..., Path]


@pytest.fixture(scope="session")
def contexts_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A function: run the script in the smallest form with more arguments → --out, the same for one name."""
    root = tmp_path_factory.mktemp("contexts")
    for folder, picture in (("photos", astronaut()), ("others", coffee())):
        (root / folder).mkdir()
        for number in range(3):
            Image.fromarray(np.roll(picture, 60 * number, axis=1)).save(root / folder / f"{number}.png")
    torch.save(Trunk("squeeze", 0).state(), root / "squeeze.pth")

    def run(name: str, *arguments: str) -> Path:
        photos = ["--photos", str(root / "photos"), "--test-photos", str(root / "others")]
        net = ["--net", "squeeze", "--trunk-weights", str(root / "squeeze.pth")]
        sizes = ["--triplets", "24", "--test-triplets", "12", "--epochs", "1", "--trunk-triplets", "8"]
        load_data.cache_clear()
        adapt.main([*photos, *net, *sizes, "--out", str(root / name), *arguments])
        return root / name

    return run


def test_rankings_are_different_and_the_first_ones_stay():
    many = draw_rankings(720, 0)
    assert len(set(many)) == 720
    assert draw_rankings(5, 0) == many[:5]
    assert draw_rankings(5, 1) != many[:5]
    with pytest.raises(BappsmithError, match="720 rankings exist; found 721"):
        draw_rankings(721, 0)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("blur,zoom,color,rotate,darken", "lacks translate; name translate, darken"),
        ("blur,zoom,color,rotate,darken,translate,jpeg", "has the unknown type jpeg"),
        ("blur,zoom,color,rotate,darken,translate,blur", "repeats blur"),
    ],
)
def test_an_invalid_ranking_is_one_line(text: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(BappsmithError, match=error):
        parse_ranking(text)
    given = ["--photos", "samples", "--test-photos", "samples", "--out", str(tmp_path / "out"), "--ranking", text]
    with pytest.raises(BappsmithError, match=f"^ranking {text} ") as ending:
        adapt.main(given)
    assert "\n" not in str(ending.value)
    assert not (tmp_path / "out").exists()
    assert capsys.readouterr().out == ""


def test_the_later_type_of_a_ranking_is_the_worse(contexts_run: Run):
    out = contexts_run("lin", "--rankings", "2", "--variant", "lin", "--variant", "lin+replay")
    subset = Dataset(out / DATA).sealed(f"2afc/train/{CONTEXT}")
    ranking = parse_ranking("blur,zoom,color,rotate,darken,translate")
    labelling = judge_by(subset, ranking)
    operators = subset.columns("operators0", "operators1").values()
    rank = {f"context_{name}": number for number, name in enumerate(ranking)}
    expected = [float(rank[first] > rank[second]) for first, second in zip(*operators, strict=True)]
    assert labelling.shares.tolist() == expected
    assert judge_by(subset, ranking[::-1]).shares.tolist() == [1 - share for share in expected]
    assert labelling.name == name_of(ranking)
    with pytest.raises(BappsmithError, match="the ranking lacks context_translate, which can be drawn"):
        judge_by(subset, ranking[:-1])


def test_a_dataset_without_a_manifest_is_refused(tmp_path: Path):
    for folder in ("ref", "p0", "p1", "judge"):
        (tmp_path / folder).mkdir()
        Image.fromarray(astronaut()[:64, :64]).save(tmp_path / folder / "000000.png")
    (tmp_path / "judge" / "000000.png").unlink()
    (tmp_path / "judge" / "000000.npy").write_bytes(label_bytes(1.0))
    with pytest.raises(BappsmithError, match="has no manifest, from which judge 'context' could judge it") as refusal:
        judge_by(open_subset(tmp_path), TYPES)
    assert "\n" not in str(refusal.value)


def test_finished_rankings_are_kept(contexts_run: Run, monkeypatch: pytest.MonkeyPatch):
    out = contexts_run("lin", "--rankings", "2", "--variant", "lin", "--variant", "lin+replay")
    files = sorted((out / "results").rglob("*.safetensors"))
    assert [file.parent.name for file in files] == ["baseline"] * 2 + ["lin"] * 2 + ["lin+replay"] * 2
    assert list((out / "work").iterdir()) == []
    before = {file: file.read_bytes() for file in files}
    files[2].unlink()
    done = []
    real = context_task._train
    monkeypatch.setattr(context_task, "_train", lambda task, data: (done.append(str(task)), real(task, data))[1])
    contexts_run("lin", "--rankings", "2", "--variant", "lin", "--variant", "lin+replay")
    assert done == [f"lin on {files[2].stem}"]
    assert all(file.read_bytes() == content for file, content in before.items() if file != files[2])
    again = read_result(files[2])
    assert again.scores.keys() == {"contexts", "common-sense", "same-chain"}
    (page,) = json.loads((out / "contexts.json").read_text())[:1]
    assert [one["ranking"] for one in page["rankings"]] == [files[2].stem, files[3].stem]
    assert page["rankings"][0]["after"] == pytest.approx(100 * again.scores["contexts"].mean(), abs=0.01)
    assert "| squeeze | lin+replay | 2 |" in (out / "contexts.md").read_text()
    with Image.open(out / "contexts.png") as picture:
        assert picture.size[0] > 500


def test_results_of_other_settings_are_refused(contexts_run: Run):
    contexts_run("lin", "--rankings", "2", "--variant", "lin", "--variant", "lin+replay")
    with pytest.raises(
        BappsmithError, match=r"safetensors was made with another value of settings; choose another --out"
    ):
        contexts_run("lin", "--rankings", "2", "--variant", "lin", "--epochs", "2")


def test_the_same_photographs_are_refused(contexts_run: Run, tmp_path: Path):
    Image.fromarray(astronaut()).save(tmp_path / "same.png")
    for number in (1, 2):
        Image.fromarray(np.roll(coffee(), number, axis=1)).save(tmp_path / f"{number}.png")
    with pytest.raises(BappsmithError, match=r"share 1 photographs, first same\.png; a frozen test needs"):
        contexts_run("shared", "--test-photos", str(tmp_path), "--rankings", "1")


@pytest.mark.slow
def test_every_variant_is_trained_on_workers_too(contexts_run: Run):
    variants = ["tune", "tune+replay", "tune-cold", "scratch"]
    arguments = ["--rankings", "1", *(word for variant in variants for word in ("--variant", variant))]
    one = contexts_run("one", *arguments)
    two = contexts_run("two", *arguments, "--workers", "2")
    names = sorted(path.relative_to(one / "results") for path in (one / "results").rglob("*.safetensors"))
    assert [name.parts[1] for name in names] == ["baseline", *sorted(variants)]
    for name in names:
        first, second = (read_result(out / "results" / name).scores for out in (one, two))
        assert all((first[key] == second[key]).all() for key in first)


@pytest.mark.slow
def test_people_judge_too(contexts_run: Run, tmp_path: Path):
    rows = ["name,level,generator_param,mean_dmos"]
    parameters_of = runpy.run_path(str(Path(__file__).parents[1] / "people" / "parameters.py"))["PARAMETERS"]
    for row, (name, parameters) in enumerate(parameters_of.items()):
        rows += [f"{name},{level + 1},{p},{4.5 - 0.8 * level - 0.01 * row:.3f}" for level, p in enumerate(parameters)]
    (tmp_path / "scores.csv").write_text("\n".join(rows) + "\n")
    out = contexts_run(
        "people", "--rankings", "3", "--people-scores", str(tmp_path / "scores.csv"), "--people-photos", "1"
    )
    figures = json.loads((out / "contexts.json").read_text())[0]["figures"]
    assert 50 < figures["people pairs before"]["value"] <= 100
    assert 0 <= figures["people-triplets before"]["value"] <= 100
    data = load_data(out)
    assert len(data.tests["people-triplets"]) == 40
    assert data.people is not None
    assert data.damage.shape == (60, 2)
    judged, (worse0, worse1) = data.people.labels.numpy(), data.damage.T
    assert (judged == (worse1 < worse0)).all()
    assert read_mos(out / "people" / "scores.csv").damage.sum() == pytest.approx(data.damage.sum())
