"""The experiments after papers run from end to end, in the smallest form."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate


@pytest.fixture(scope="module")
def given(trunk: str) -> list[str]:
    heads = Path(str(importlib.resources.files("lpips"))) / "weights" / "v0.1" / "alex.pth"
    return ["--trunk-weights", trunk, "--head-weights", str(heads)]


@pytest.mark.slow
def test_losses_train_every_network_and_go_on_from_what_is_finished(tmp_path: Path, given: list[str]):
    import autoencoder

    sizes = ["--patches", "40", "--val", "40", "--batch", "4", "--width", "4", "--mark", "1", "--mark", "2"]
    arguments = [*given, *sizes, "--seeds", "1", "--out", str(tmp_path)]
    autoencoder.main([*arguments, "--network", "dense"])
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").glob("*.pt")}
    assert len(files) == 4
    autoencoder.main(arguments)
    assert {path: path.stat().st_mtime_ns for path in files} == files
    results = json.loads((tmp_path / "losses.json").read_text())
    assert list(results) == list(autoencoder.NETWORKS)
    assert "classified" not in results["super-resolution"]
    for network, found in results.items():
        means = [found["means"]["2"][loss]["L2"] for loss in autoencoder.LOSSES]
        assert len({tuple(one) for one in means}) == 4, network
        assert len(found["preferred"]) == 6
    with Image.open(tmp_path / "dense.png") as picture:
        assert picture.size[1] == 5 * 64 * 2


@pytest.mark.slow
def test_a_classifier_names_photographs_only_by_codes_that_tell():
    import autoencoder

    photo = np.repeat(np.arange(4), 20)
    rng = torch.Generator().manual_seed(0)
    noise = torch.randn(80, 8, generator=rng)
    assert autoencoder.classify(noise + 5 * torch.eye(8)[photo], photo) >= 0.9
    assert autoencoder.classify(noise, photo) < 0.6


@pytest.mark.slow
def test_translation_resumes_to_the_same_result(tmp_path: Path, given: list[str], monkeypatch: pytest.MonkeyPatch):
    import translate

    monkeypatch.setattr(translate, "SAVED_EVERY", 2)
    sizes = ["--patches", "20", "--val", "12", "--batch", "2", "--draw-steps", "2"]
    whole, resumed, apart = (tmp_path / name for name in ("whole", "resumed", "apart"))
    translate.main([*given, *sizes, "--steps", "4", "--out", str(whole)])
    for steps in ("2", "4"):
        translate.main([*given, *sizes, "--steps", steps, "--out", str(resumed)])
    for one in ("lpips-0", "noise-0"):
        translate.main([*given, *sizes, "--steps", "4", "--out", str(apart), "--only", one])
        assert not (apart / "translation.json").exists()
    translate.main([*given, *sizes, "--steps", "4", "--out", str(apart)])
    results = [json.loads((folder / "translation.json").read_text())["measures"] for folder in (whole, resumed, apart)]
    assert results[0] == results[1] == results[2]
    assert set(results[0]) == {"LPIPS", "ms_ssim", "haarpsi", "l2"}
    with Image.open(whole / "translation.png") as picture:
        assert picture.size == (12 * 64 * 2, 4 * 64 * 2)


def test_the_sampler_gives_back_what_a_perfect_network_predicts():
    import diffusion_transformer

    class Perfect(nn.Module):
        def forward(self, noisy: torch.Tensor, time: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            return torch.full_like(noisy, 0.25)

    drawn = diffusion_transformer.sample(Perfect(), torch.empty(0), torch.randn(2, 3, 64, 64), 4)
    assert torch.allclose(drawn, torch.full_like(drawn, 0.25), atol=1e-5)


def test_the_noise_loss_is_the_error_of_noise_and_image():
    import diffusion_transformer

    generator = torch.Generator().manual_seed(0)
    images, noise, predicted = (torch.randn(3, 3, 8, 8, generator=generator) for _ in range(3))
    time = torch.tensor([0.5, 0.7, 0.9])
    angle = (time * torch.pi / 2).view(-1, 1, 1, 1)
    noisy = diffusion_transformer.add_noise(images, time, noise)
    implied = (noisy - angle.cos() * predicted) / angle.sin()
    expected = ((implied - noise).square() + (predicted - images).square()).mean(dim=(1, 2, 3))
    assert torch.allclose(diffusion_transformer.noise_loss(images, predicted, time), expected, rtol=1e-4)


@pytest.mark.slow
def test_the_table_has_published_figures_beside_measured_ones(tmp_path: Path, trunk: str, photos: Path):
    import lpips_table

    subsets = [{"path": f"2afc/val/{name}", "triplets": 6} for name in ("traditional", "deblur")]
    generate(Recipe.from_dict({"name": "small", "subsets": subsets}), tmp_path / "data", photos=photos)
    arguments = ["--data", str(tmp_path / "data"), "--weights", f"alex={trunk}", "--out", str(tmp_path / "out")]
    lpips_table.main(arguments)
    rows = (tmp_path / "out/lpips_table.md").read_text().splitlines()[4:-2]
    cells = {row.split("|")[1].strip(): row.split("|")[2:-1] for row in rows}
    assert list(cells)[-6:] == ["L2", "SSIM", "FSIMc", "AlexNet, random", "AlexNet", "AlexNet, lin"]
    for name, columns in cells.items():
        figures = [column.split("·")[1].strip() for column in columns[:2]]
        published = lpips_table.PUBLISHED[name]
        assert figures == [str(published[0]), str(published[3])]
        assert "·" not in columns[2]  # the published mean is of six subsets
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out/rows").iterdir()}
    lpips_table.main(arguments)
    assert times == {path: path.stat().st_mtime_ns for path in times}


def test_published_rows_have_the_mean_of_their_subsets():
    import lpips_table

    for name, figures in lpips_table.PUBLISHED.items():
        assert abs(np.mean(figures[:6]) - figures[6]) < 0.11, name


def test_judgments_are_scored_without_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    import lpips_table

    for name in lpips_table.SUBSETS:
        (tmp_path / f"{name}.csv").write_text("a/0.png,0.1,0.2,0.8,0.2\na/1.png,0.1,0.2,0.0,1.0\n")
    lpips_table.main(["--judgments", str(tmp_path), "--out", str(tmp_path / "out")])
    rows = (tmp_path / "out/judgments.md").read_text().splitlines()[2:5]
    assert [row.split("|")[-2].strip() for row in rows] == ["84.0", "80.0", "40.0"]
    capsys.readouterr()
    (tmp_path / "color.csv").unlink()
    with pytest.raises(BappsmithError, match=r"no color\.csv"):
        lpips_table.main(["--judgments", str(tmp_path), "--out", str(tmp_path / "out")])


def test_votes_where_metrics_disagree_are_worth_the_inverse_of_that_share():
    import compare_two

    rng = np.random.default_rng(0)
    one = rng.choice([-1.0, 1.0], 4000)
    other = np.where(rng.random(4000) < 0.2, -one, one)
    found = compare_two.compare(one, other, np.full(4000, 0.5), 200)
    assert abs(found["disagree"] - 0.2) < 0.02
    assert found["low"] < 1 / found["disagree"] * 1.1
    assert found["high"] > 1 / found["disagree"] * 0.9
    assert abs(found["bias"]) < 4 * found["where_differ"] / compare_two.DRAWS**0.5


def test_photographs_stay_on_their_side(tmp_path: Path, photos: Path):
    from photographs import divide

    training, test = divide(photos, tmp_path, test=0.4, left_out=["photo0.png"])
    names = [{path.name for path in folder.iterdir()} for folder in (training, test)]
    assert not names[0] & names[1]
    assert names[0] | names[1] == {f"photo{k}.png" for k in range(1, 5)}
    assert len(names[1]) == 2
