"""The command `train`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import yaml

from bappsmith.lpips.model.checkpoint import load_metric, read_facts, save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS

from .commands import error


def test_forms_by_name(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    torch.save(LPIPS("squeeze", trunk_weights=0).trunk.state(), tmp_path / "squeeze.pth")
    trunk = ("--net", "squeeze", "--trunk-weights", "squeeze.pth")
    two = ("--form", "structure", "--form", "local", "--epochs", "1", "--decay-epochs", "0")
    assert bappsmith("train", "data", *trunk, *two, "--out", "m").status == 0
    assert load_metric(tmp_path / "m/last.safetensors").forms == ("local", "structure")
    scored = bappsmith("evaluate", "data", *trunk, "--metric", "untrained-structure", "--metric", "m/last.safetensors")
    assert scored.status == 0
    assert "has form local, structure" in error(bappsmith("export", "m/last.safetensors", "--out", "x.pth"))
    assert "forms must be" in error(bappsmith("evaluate", "data", *trunk, "--metric", "untrained-texture"))
    fc = bappsmith("train", "data", *trunk, "--form", "mean", "--distance", "fc", "--out", "n")
    assert "forms must be ('local',) for distance fc; found ('mean',)" in error(fc)


def test_mistakes_in_settings_of_a_training(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    scratch = ("train", "data/2afc/train/a", "--mode", "scratch", "--out", "m")
    for options, words in (
        (("--lapse", 1), "lapses must be one number in [0, 1)"),
        (("--lapse", 0.1, "--loss", "hinge"), "lapses must be 0 with loss hinge"),
        (("--patience", 3), "patience needs subsets for validation, or a score"),
        (("--start-from", "lin.safetensors"), "start_from must be None in mode scratch; found 'lin.safetensors'"),
        (("--trunk-learning-rate", -1), "trunk_learning_rate must be above 0 and finite"),
        (("--epochs", 0), "decay_epochs must be at least 0, and at least 1 if epochs is 0; found None"),
    ):
        assert words in error(bappsmith(*scratch, *options)), options
    lin = ("train", "data", "--trunk-weights", "random", "--out", "m", "--start-from")
    assert "none.safetensors: no such file" in error(bappsmith(*lin, "none.safetensors"))
    save_checkpoint(tmp_path / "squeeze.safetensors", LPIPS("squeeze", trunk_weights=0), {})
    assert "whose net is alex, found squeeze" in error(bappsmith(*lin, "squeeze.safetensors"))
    assert not (tmp_path / "m").exists()


def test_a_certified_metric_from_the_command_line(bappsmith, recipe: Path):
    bappsmith("generate", recipe, "--out", "data")
    train = ("train", "data", "--mode", "certified", "--epochs", "1", "--out", "m")
    assert bappsmith(*train).status == 0
    metric = ("--metric", "m/best.safetensors")
    certified = bappsmith("certify", "data", *metric, "--radius", "36", "--linf", "1", "--json")
    attacked = bappsmith("attack", "data", *metric, "--radius", "36", "--linf", "1", "--steps", "2", "--json")
    proved = json.loads(certified.out)["subsets"][0]["scores"]
    left = json.loads(attacked.out)["results"][0]["scores"]
    assert [row["budget"] for row in proved] == [None, "l2 36/255", "linf 1/255"]
    assert all(low["score"] <= high["score"] for low, high in zip(proved, left, strict=True))
    assert bappsmith("certify", "data", "--metric", "l2").status == 0
    assert bappsmith("evaluate", "data", *metric).status == 0
    for name in ("ssim", "bappsmith-alex", "untrained", "untrained-mean", "published", "lpips", "dists", "l3"):
        line = error(bappsmith("certify", "data", "--metric", name))
        assert f"metric {name} cannot be certified: it has no known Lipschitz constant" in line
    assert "none.safetensors: no such file" in error(bappsmith("certify", "data", "--metric", "none.safetensors"))
    save_checkpoint("lpips.safetensors", LPIPS("squeeze", trunk_weights=0), {})
    line = error(bappsmith("certify", "data", "--metric", "lpips.safetensors"))
    assert "metric lpips.safetensors cannot be certified" in line
    assert "a certified metric" in error(bappsmith("export", "m/best.safetensors", "--out", "x.pth"))
    assert "mode certified has no --net" in error(bappsmith(*train, "--net", "vgg"))
    assert "mode lin has no --robustness" in error(bappsmith("train", "data", "--robustness", "1", "--out", "n"))


def test_check_fails_if_a_measurement_disproves_the_constant(bappsmith, recipe: Path, monkeypatch: pytest.MonkeyPatch):
    bappsmith("generate", recipe, "--out", "data")
    certify = ("certify", "data", "--metric", "l2", "--check")
    assert "constant measured by searched_pairs" in bappsmith(*certify).out
    monkeypatch.setattr("bappsmith.lpips.robust.lipschitz_metric.Pixels.lipschitz_constant", lambda _: 0.9)
    line = error(bappsmith(*certify))
    assert "metric l2: its Lipschitz constant is said to be 0.9, but power_iteration found 1" in line


@pytest.mark.parametrize("command", ["certify", "attack"])
@pytest.mark.parametrize(
    ("option", "radius", "words"),
    [
        ("--radius", "0.14", "l2 radius 0.14: radii are given in 1/255, at least 1"),
        ("--radius", "-3", "l2 radius -3: radii are given in 1/255, above 0 and finite; give 36 or so"),
        ("--linf", "nan", "linf radius nan: radii are given in 1/255, above 0 and finite; give 1 or so"),
        ("--radius", "9180", "radius l2 9180/255 (36 in the unit of images in [0, 1]) is too large: at most 1766/255"),
        ("--linf", "51", "radius linf 51/255 (0.2 in the unit of images in [0, 1]) is too large: at most 31/255"),
    ],
)
def test_radii_are_refused_before_anything_is_measured(
    bappsmith, recipe: Path, monkeypatch: pytest.MonkeyPatch, command: str, option: str, radius: str, words: str
):
    bappsmith("generate", recipe, "--out", "data")

    def measured(*_: object, **__: object) -> None:
        raise AssertionError("measured before the radius was checked")

    monkeypatch.setattr("bappsmith.lpips.robust.certify.certify", measured)
    monkeypatch.setattr("bappsmith.lpips.robust.attack.attack_subset", measured)
    assert words in error(bappsmith(command, "data", "--metric", "l2", option, radius))


def test_settings_from_a_file(bappsmith, recipe: Path, tmp_path: Path):
    printed = bappsmith("train", "--print-config", "--mode", "scratch", "--net", "squeeze", "--epochs", 1)
    assert printed.status == 0
    (tmp_path / "train.yaml").write_text(printed.out)
    assert bappsmith("train", "--config", "train.yaml", "--print-config").out == printed.out
    # What the command line gives wins, a default does not.
    changed = yaml.safe_load(bappsmith("train", "--config", "train.yaml", "--print-config", "--batch", 7).out)
    assert (changed["batch"], changed["epochs"], changed["net"]) == (7, 1, "squeeze")
    bappsmith("generate", recipe, "--out", "data")
    trained = bappsmith("train", "data", "--config", "train.yaml", "--decay-epochs", 0, "--out", "m")
    assert trained.status == 0
    config = read_facts(tmp_path / "m/best.safetensors")["config"]
    assert (config["net"], config["mode"], config["epochs"], config["decay_epochs"]) == ("squeeze", "scratch", 1, 0)


def test_settings_of_a_certified_metric_from_a_file(bappsmith, tmp_path: Path):
    printed = bappsmith("train", "--print-config", "--mode", "certified", "--embedding", "sll", "--seed", 3)
    assert yaml.safe_load(printed.out) == {
        "mode": "certified",
        "embedding": "sll",
        "robustness": 1.0,
        "epochs": 3,
        "batch": 50,
        "learning_rate": 0.005,
        "seed": 3,
    }
    (tmp_path / "train.yaml").write_text(printed.out)
    assert bappsmith("train", "--config", "train.yaml", "--print-config").out == printed.out
    assert "mode certified has no --net" in error(bappsmith("train", "--config", "train.yaml", "--net", "vgg"))


def test_mistakes_in_a_file_of_settings(bappsmith, tmp_path: Path):
    (tmp_path / "train.yaml").write_text("batchs: 5\n")
    wrong = error(bappsmith("train", "--config", "train.yaml", "--print-config"))
    assert "train.yaml: unknown setting 'batchs': did you mean 'batch'?" in wrong
    (tmp_path / "train.yaml").write_text("dropout: 2\n")
    assert "dropout must be in [0, 1)" in error(bappsmith("train", "--config", "train.yaml", "--print-config"))
    assert "SUBSET is missing" in error(bappsmith("train", "--out", "m"))
    assert "--out is missing" in error(bappsmith("train", "data"))


def test_a_seed_of_a_random_trunk(bappsmith):
    printed = bappsmith("train", "--print-config", "--trunk-weights", "random", "--seed", 4)
    assert yaml.safe_load(printed.out)["trunk_weights"] == 4


def test_a_device_that_is_missing_is_refused_before_anything_is_read(
    bappsmith, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for command in (
        ("train", "data", "--mode", "scratch", "--out", "m"),
        ("evaluate", "data"),
        ("certify", "data", "--metric", "l2"),
        ("attack", "data", "--metric", "l2"),
        ("select-pairs", ".", "--queries", 1, "--out", "pairs.csv"),
        ("quickstart",),
    ):
        line = error(bappsmith(*command, "--device", "cuda:0"))
        assert "cuda:0 was asked for, but torch sees no CUDA device; there is cpu" in line, command
    assert list(tmp_path.iterdir()) == []


def test_training_and_scores_on_a_named_device(bappsmith, recipe: Path):
    bappsmith("generate", recipe, "--out", "data")
    scratch = ("train", "data", "--mode", "scratch", "--net", "squeeze", "--epochs", 1, "--decay-epochs", 0)
    assert bappsmith(*scratch, "--device", "cpu", "--out", "m").status == 0
    metric = ("--metric", "m/best.safetensors", "--device", "cpu")
    assert bappsmith("evaluate", "data", *metric).status == 0
    assert bappsmith("attack", "data", *metric, "--steps", 1, "--radius", 36).status == 0
    assert bappsmith("certify", "data", "--metric", "l2", "--device", "cpu").status == 0
    assert bappsmith("compare", "data/2afc/val/a/ref", "data/2afc/val/a/p0", *metric).status == 0
