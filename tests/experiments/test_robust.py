"""Scripts of certified metrics: tables, triplets of people, differences from l2."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bappsmith.lpips import load_subset
from bappsmith.lpips.robust.checkpoint import make_metric, save_certified
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    """A dataset of 30 + 20 triplets."""
    out = tmp_path_factory.mktemp("own") / "data"
    subsets = [{"path": f"2afc/{side}/traditional", "triplets": count} for side, count in (("train", 30), ("val", 20))]
    recipe = {"name": "own", "patch": 32, "sources": {"val_fraction": 0.4}, "subsets": subsets}
    generate(Recipe.from_dict(recipe), out, photos=photos, form="packed")
    return out


def test_a_table_measures_again_what_has_other_content(tmp_path: Path, own: Path):
    import table

    checkpoint = tmp_path / "dct.safetensors"
    metric = make_metric("dct")
    save_certified(checkpoint, metric, {})
    val = own / "2afc/val/traditional"
    arguments = ["--set", str(val), "--metric", str(checkpoint), "--items", "4", "--steps", "1", "--moved", "ref"]
    arguments += ["--out", str(tmp_path / "table.jsonl")]

    def lines() -> list[str]:
        table.main(arguments)
        return (tmp_path / "table.jsonl").read_text().splitlines()

    first = lines()
    assert lines() == first
    metric.weights.data *= 2
    save_certified(checkpoint, metric, {})
    second = lines()
    assert second[0] == first[0]
    assert len(second) == 2
    assert "certified" in json.loads(second[1])["scores"]


def test_only_a_metric_without_a_constant_has_no_certified_row(own: Path, monkeypatch: pytest.MonkeyPatch):
    import table

    from bappsmith.lpips.evaluation.baselines import BASELINES

    subset = load_subset(own / "2afc/val/traditional")
    config = table.AttackConfig(moved="ref", steps=1, starts=1, batch=20)
    assert set(table.measure(BASELINES["ssim"], "ssim", subset, None, 2, config)) == {"attacked"}

    def refuse(*_: object) -> None:
        raise BappsmithError("the metric gives distances that are NaN")

    monkeypatch.setattr(table, "certify", refuse)
    with pytest.raises(BappsmithError, match="NaN"):
        table.measure(BASELINES["l2"], "l2", subset, None, 2, config)


def test_triplets_of_people_are_not_written_into_a_folder_that_exists(tmp_path: Path):
    import human_triplets

    with pytest.raises(BappsmithError, match="exists; choose another --out"):
        human_triplets.main(["--photos", str(tmp_path), "--scores", "missing.csv", "--out", str(tmp_path)])


def test_differences_from_l2_are_of_the_same_items(own: Path, capsys: pytest.CaptureFixture[str]):
    import seeds

    people = str(own / "2afc/val/traditional")
    arguments = ["--dataset", str(own), "--dataset", str(own), "--people", people, "--robustness", "1"]
    seeds.main(arguments)
    rows = [row.split(" | ") for row in capsys.readouterr().out.splitlines()[2:]]
    assert [(row[0].strip("| "), row[1]) for row in rows] == [
        ("l2", "own val"),
        ("l2", "people"),
        ("dct 1", "own val"),
        ("dct 1 − l2", "own val"),
        ("dct 1", "people"),
        ("dct 1 − l2", "people"),
    ]
    of_l2, of_dct, differences = rows[0], rows[2], rows[3]
    for one, other, difference in zip(of_l2[2:], of_dct[2:], differences[2:], strict=True):
        low, high = (float(end) for end in difference.split("(")[1].split(")")[0].split(" … "))
        mean = float(difference.split(" ")[0])
        assert mean == pytest.approx(float(other.split(" ")[0]) - float(one.split(" ")[0]), abs=0.11)
        assert low <= mean <= high
    seeds.main([*arguments, "--dev-share", "0.34"])
    assert [row.split(" | ")[1] for row in capsys.readouterr().out.splitlines()[2:4]] == ["own dev", "people"]
    with pytest.raises(BappsmithError, match=r"--dev-share 0\.1 of 3 photographs leaves out 0; leave out 1 to 2"):
        seeds.main([*arguments, "--dev-share", "0.1"])


def test_photographs_are_resampled_whole():
    import seeds

    photos = np.array(["a", "b"]).repeat(50)
    of_photos = np.where(photos == "a", 1.0, 3.0)[:, None]
    low, high = seeds.interval_over_photographs(of_photos, photos)[0]
    assert (low, high) == (1, 3)
    low, high = seeds.interval_over_photographs(np.tile([[1.0], [3.0]], (50, 1)), photos)[0]
    assert (low, high) == (2, 2)


def test_development_photographs_are_left_out_of_the_fit(own: Path):
    import seeds

    train = load_subset(own / "2afc/train/traditional")
    fitted, reported = seeds.leave_out(train, 0.34, seed=0)
    assert len(fitted) + len(reported) == len(train)
    names = [set(seeds.photo_names(subset)) for subset in (fitted, reported)]
    assert [len(one) for one in names] == [2, 1]
    assert not names[0] & names[1]


def test_a_dataset_without_a_manifest_has_no_photographs(own: Path, tmp_path: Path):
    import seeds

    shutil.copytree(own / "2afc/val/traditional", tmp_path / "2afc/val/traditional")
    with pytest.raises(BappsmithError, match="photographs of its items are not known"):
        seeds.photo_names(load_subset(tmp_path / "2afc/val/traditional"))
