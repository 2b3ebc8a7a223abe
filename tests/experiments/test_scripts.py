"""What all scripts share: errors in one line, and results of other settings are not used again."""

from __future__ import annotations

import argparse
import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("annotation/compare_two.py", "--photos empty --trunk-weights pretrained --out out"),
        ("annotation/compare_two.py", "--photos empty --trunk-weights pretrained --metric l2 --out out"),
        ("annotation/selection.py", "--photos empty --trunk-weights pretrained --out out"),
        ("contexts/adapt.py", "--photos empty --test-photos empty --ranking blur --out out"),
        ("default_metric/make.py", "--photos empty --trunk-weights pretrained --out out"),
        ("learnt_filters/learn.py", "--photos empty --out out"),
        ("loss/autoencoder.py", "--trunk-weights missing.pth --head-weights missing.pth --out out"),
        ("lpips_table/lpips_table.py", "--data missing --out out"),
        ("lpips_table/lpips_table.py", "--data missing --weights alex --out out"),
        ("networks/held_out.py", "--photos empty --bank none --held-out none --trunk-weights pretrained --out out"),
        ("people/fit_chains.py", "--photos empty --trunk-weights missing.pth"),
        ("people/left_out.py", "--photos empty --scores missing.csv --trunk-weights missing.pth --form local"),
        ("people/measures.py", "--photos empty --scores missing.csv --out out"),
        ("people/preset.py", "--photos empty --scores missing.csv"),
        ("people/run.py", "--photos empty --scores missing.csv --metric l2"),
        ("people/yardstick.py", "missing.npz --out out --page missing.md"),
        ("poster/poster.py", "--photos empty --out out"),
        ("poster/poster.py", "--photos empty --weights alex --out out"),
        ("real_algorithms/sheet.py", "--family deblurring --photos empty --out out"),
        ("robust/human_triplets.py", "--photos empty --scores missing.csv --out out"),
        ("robust/seeds.py", "--dataset missing --people missing --robustness 1"),
        ("robust/table.py", "--set missing --metric l2 --out out.jsonl"),
        ("translation/translate.py", "--trunk-weights missing.pth --head-weights missing.pth --out out"),
        ("translation/translate.py", "--trunk-weights missing.pth --head-weights missing.pth --out out --only first"),
    ],
)
def test_an_error_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, arguments: str):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    monkeypatch.setattr(sys, "argv", [script, *arguments.split()])
    with pytest.raises(SystemExit, match=r"^error: .+") as ending:
        runpy.run_path(str(EXPERIMENTS / script), run_name="__main__")
    assert "\n" not in str(ending.value)


def test_weights_name_a_net_and_a_file(trunk: str):
    from command_line import read_weights

    nets = ("alex", "vgg")
    assert read_weights([f"alex={trunk}", "vgg=pretrained"], nets) == {"alex": trunk, "vgg": "pretrained"}
    for text, reason in (
        ("alex", "give NET=FILE or NET=pretrained, with NET one of alex, vgg"),
        ("alex=", "give NET=FILE"),
        (f"resnet={trunk}", "one of alex, vgg"),
        ("alex=missing.pth", "missing.pth is not a file; give a file of weights, or alex=pretrained"),
    ):
        with pytest.raises(BappsmithError, match=f"^--weights {text}: .*{reason}"):
            read_weights([text], nets)


def test_other_settings_are_refused_and_new_ones_added(tmp_path: Path):
    from saved_settings import keep_settings

    folder = tmp_path / "new" / "runs"
    keep_settings(folder, {"batch": 4, "marks": (1, 2), "alex weights": "ab"})
    keep_settings(folder, {"batch": 4, "marks": (1, 2), "vgg weights": "cd"})
    assert [path.name for path in folder.iterdir()] == ["settings.json"]
    assert [path.name for path in folder.parent.iterdir()] == ["runs"]
    with pytest.raises(BappsmithError) as refusal:
        keep_settings(folder, {"batch": 8, "marks": (1, 2, 3), "vgg weights": "cd"})
    assert str(refusal.value) == (
        f"{folder} has results of other settings: batch was 4, is 8; marks was [1, 2], is [1, 2, 3]. Give the former "
        "ones, or choose another --out"
    )
    (folder / "settings.json").unlink()
    (folder / "result.npz").touch()
    with pytest.raises(BappsmithError, match=r"has files, but no settings\.json"):
        keep_settings(folder, {"batch": 4})


def test_a_file_is_known_by_its_content(tmp_path: Path):
    from saved_settings import content_of

    one, same, other = (tmp_path / name for name in ("one", "same", "other"))
    for path, text in ((one, "a"), (same, "a"), (other, "b")):
        path.write_text(text)
    assert content_of(one) == content_of(same) != content_of(str(other))
    assert content_of("pretrained") == "pretrained"


def test_trainings_of_other_sizes_are_refused(tmp_path: Path, trunk: str, monkeypatch: pytest.MonkeyPatch):
    import autoencoder

    monkeypatch.setattr(autoencoder, "LPIPS", lambda *_, **__: torch.nn.Identity())
    monkeypatch.setattr(autoencoder, "summarise", lambda *_: {})
    monkeypatch.setattr(autoencoder, "tables", lambda *_: "")
    monkeypatch.setattr(autoencoder, "picture", lambda *_: Image.new("RGB", (1, 1)))
    found = {"output": torch.zeros(1)}
    monkeypatch.setattr(autoencoder, "run", lambda *_: found)
    given = ["--trunk-weights", trunk, "--head-weights", trunk, "--out", str(tmp_path), "--network", "dense"]
    sizes = ["--patches", "12", "--val", "12", "--batch", "4", "--width", "4", "--mark", "1", "--seeds", "1"]
    autoencoder.main([*given, *sizes])
    autoencoder.main([*given, *sizes, "--seeds", "2"])
    for option, value, was in (("batch", "8", 4), ("width", "5", 4), ("patches", "13", 12), ("mark", "2", r"\[1\]")):
        with pytest.raises(BappsmithError, match=rf"has results of other settings: .*{option} was {was}, is "):
            autoencoder.main([*given, *sizes, f"--{option}", value])


def test_a_translation_does_not_go_on_with_other_options(tmp_path: Path, trunk: str, monkeypatch: pytest.MonkeyPatch):
    import translate

    class Features(torch.nn.Module):
        def activations(self, images: torch.Tensor) -> list[torch.Tensor]:
            return [torch.zeros(len(images), count, 8, 8) for count in (64, 192, 384)]

    monkeypatch.setattr(translate, "LPIPS", lambda *_, **__: Features())
    given = ["--trunk-weights", trunk, "--head-weights", trunk, "--out", str(tmp_path), "--only", "noise-0"]
    sizes = ["--patches", "12", "--val", "12", "--batch", "2", "--steps", "2"]
    translate.main([*given, *sizes])
    for option, value, was in (("batch", "3", "2"), ("lpips", "0.1", "0.5"), ("patches", "13", "12")):
        with pytest.raises(BappsmithError, match=rf"has results of other settings: .*{option} was {was}, is "):
            translate.main([*given, *sizes, f"--{option}", value])
    with pytest.raises(BappsmithError, match=r"noise-0\.pt is after 2 steps, asked for 1; give --steps 2 or more"):
        translate.main([*given, *sizes, "--steps", "1"])


def test_a_row_says_whose_trunk_it_has():
    from lpips_table import trunk_of

    given = {"squeeze": "s.pth", "alex": "a.pth"}
    assert trunk_of("bappsmith-squeeze", given) == "s.pth"
    assert trunk_of("heads.safetensors", given) == "a.pth"
    assert trunk_of("heads.safetensors", {}) is None


def test_rows_of_other_weights_are_refused(tmp_path: Path, trunk: str, photos: Path, monkeypatch: pytest.MonkeyPatch):
    import lpips_table

    subsets = [{"path": f"2afc/val/{name}", "triplets": 6} for name in ("traditional", "deblur")]
    generate(Recipe.from_dict({"name": "small", "subsets": subsets}), tmp_path / "data", photos=photos)
    monkeypatch.setattr(lpips_table, "rows", lambda *_: {"L2": lambda: lpips_table.find_metric("l2")})
    other = tmp_path / "other.pth"
    other.write_bytes(b"other")
    given = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    lpips_table.main([*given, "--weights", f"alex={trunk}"])
    lpips_table.main([*given, "--weights", f"alex={trunk}", "--weights", f"vgg={other}"])
    with pytest.raises(BappsmithError, match="has results of other settings: alex was "):
        lpips_table.main([*given, "--weights", f"alex={other}"])
    with pytest.raises(BappsmithError, match="reduction was reference, is exact"):
        lpips_table.main([*given, "--reduction", "exact"])
    labels = tmp_path / "data/2afc/val/deblur"
    labels.rename(tmp_path / "deblur")
    with pytest.raises(BappsmithError, match="has results of other settings: data was "):
        lpips_table.main(given)


def test_distances_of_other_trainings_are_refused(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    import poster

    class Ended(Exception):
        pass

    def end(options: argparse.Namespace) -> None:
        raise Ended

    monkeypatch.setattr(poster, "make_datasets", end)
    (tmp_path / "a.pth").write_bytes(b"a")
    (tmp_path / "b.pth").write_bytes(b"b")
    given = ["--photos", str(photos), "--out", str(tmp_path / "out")]
    for more in ([], ["--weights", f"alex={tmp_path}/a.pth"], ["--seeds", "5"], ["--backbone", "vgg"]):
        with pytest.raises(Ended):
            poster.main([*given, *more])
    for more, reason in (
        (["--weights", f"alex={tmp_path}/b.pth"], "alex was "),
        (["--epochs", "2"], "epochs was 5, is 2"),
        (["--people", "3"], "people was 8, is 3"),
        (["--photos", str(tmp_path)], "photos was "),
    ):
        with pytest.raises(BappsmithError, match=f"has results of other settings: {reason}"):
            poster.main([*given, *more])


def test_sides_of_other_weights_are_refused(tmp_path: Path, trunk: str, photos: Path):
    import compare_two

    given = ["--photos", str(photos), "--out", str(tmp_path / "out"), "--triplets", "40", "--budget", "10"]
    metrics = ["--metric", "l2", "--metric", "ssim"]
    compare_two.main([*given, *metrics, "--trunk-weights", trunk])
    assert len(json.loads((tmp_path / "out/compare_two.json").read_text())) == 2
    (tmp_path / "other.pth").write_bytes(b"other")
    with pytest.raises(BappsmithError, match="has results of other settings: trunk weights was "):
        compare_two.main([*given, *metrics, "--trunk-weights", str(tmp_path / "other.pth")])


def test_a_poster_interval_is_the_mean_over_seeds(tmp_path: Path):
    import poster_scores
    from cells import Scores
    from measure import count_pairs, interval

    rng = np.random.default_rng(0)
    scores = Scores(np.zeros((24, 5)), rng.random((24, 5)))
    distances = rng.random((2, 4, 24, 5))
    found = poster_scores.people_score(distances, scores)
    each = [interval(count_pairs(one, scores.means)) for one in distances]
    for name, end in (("score", "value"), ("low", "low"), ("high", "high")):
        assert found[name] == pytest.approx(np.mean([getattr(one, end) for one in each]) / 100)
