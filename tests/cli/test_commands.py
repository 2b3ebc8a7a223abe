"""Commands as a user types them: what they print, what they exit with, and one readable line for every mistake."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from bappsmith.cli import main
from bappsmith.distortions import registry
from bappsmith.lpips.model.checkpoint import save_checkpoint
from bappsmith.lpips.model.lpips import LPIPS

PIXELATE = '''
import cv2
from bappsmith.distortions import Distortion, Image, Severity, register


@register
class {name}(Distortion):
    """Square blocks of one colour."""

    source = "ours"
    block = Severity(mild=2, severe=16, unit="px")

    def apply(self, image: Image, *, block: float) -> Image:
        height, width = image.shape[:2]
        small = cv2.resize(image, (max(1, round(width / block)), max(1, round(height / block))), interpolation=cv2.INTER_AREA)
        {end}
'''


class Ran:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def bappsmith(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["bappsmith", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main.run()
        captured = capsys.readouterr()
        status = ended.value.code
        return Ran(status if isinstance(status, int) else int(status is not None), captured.out, captured.err)

    return run


@pytest.fixture
def recipe(tmp_path: Path, photos: Path) -> Path:
    return write_recipe(tmp_path / "mine.yaml", {"path": str(photos)})


def write_recipe(path: Path, sources: dict[str, object], **change: object) -> Path:
    distort = {"operators": ["gaussian_blur", "jpeg"]}
    subsets = [
        {"path": "2afc/train/a", "triplets": 24, "distort": distort},
        {"path": "2afc/val/a", "triplets": 12, "distort": distort},
        {"path": "jnd/val/a", "pairs": 12, "distort": distort},
    ]
    path.write_text(yaml.safe_dump({"name": "mine", "patch": 32, "sources": sources, "subsets": subsets, **change}))
    return path


def test_the_road_from_recipe_to_score(bappsmith, recipe: Path, tmp_path: Path, photos: Path):
    made = bappsmith("generate", recipe, "--out", "data", "--json")
    assert made.status == 0
    assert json.loads(made.out) == {"dataset": "data", "items": 48, "made": 48}
    assert "nothing was done" in bappsmith("generate", recipe, "--out", "data").out
    assert "clean" in bappsmith("verify", "data").out
    replayed = bappsmith("replay", "data", "2afc/val/a", 3, "--photos", photos)
    assert replayed.status == 0
    assert "severity" in replayed.out
    assert json.loads(bappsmith("replay", "data", "jnd/val/a", 3, "--photos", photos, "--json").out)["exact"]
    shown = bappsmith("show", "data")
    assert Path(shown.out.strip()).parent.name == "data-report"
    assert json.loads(bappsmith("verify", "data", "--json").out)["clean"]  # the report went beside the dataset
    trained = bappsmith(
        "train",
        "data",
        "--net",
        "squeeze",
        "--mode",
        "scratch",
        "--epochs",
        1,
        "--decay-epochs",
        0,
        "--out",
        "metric",
    )
    assert trained.status == 0
    assert "val_2afc" in trained.out
    scored = bappsmith(
        "evaluate",
        "data",
        "--metric",
        "l2",
        "--metric",
        "metric/best.safetensors",
        "--json",
        "--report",
        "report.html",
    )
    found = {(s["subset"], s["metric"], s["protocol"]) for s in json.loads(scored.out)["scores"]}
    assert found == {
        (subset, metric, protocol)
        for subset, protocol in (("2afc/val/a", "2AFC"), ("jnd/val/a", "JND mAP"))
        for metric in ("l2", "metric/best.safetensors")
    }
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert "2afc/val/a" in bappsmith("evaluate", "data/2afc/val/a").out


def test_datasets_from_datasets(bappsmith, recipe: Path, tmp_path: Path, photos: Path):
    assert bappsmith("generate", recipe, "--out", "a", "--form", "tar").status == 0
    assert bappsmith("convert", "a", "--to", "folders", "--out", "b").status == 0
    assert bappsmith("sample", "b", "--fraction", "0.5", "--seed", "3", "--out", "c").status == 0
    assert bappsmith("split", "b", "--val-fraction", "0.5", "--form", "packed", "--out", "d").status == 0
    again = bappsmith("verify", "c", "--pixels", "3", "--photos", photos)
    assert again.status == 0
    assert "items made again, clean" in again.out
    facts = {name: json.loads(bappsmith("info", name, "--json").out) for name in "abcd"}
    assert [facts[name]["form"] for name in "abcd"] == ["tar", "folders", "folders", "packed"]
    assert facts["a"]["subsets"] == facts["b"]["subsets"]
    halves = {path: max(1, round(one["items"] / 2)) for path, one in facts["b"]["subsets"].items()}
    assert {path: one["items"] for path, one in facts["c"]["subsets"].items()} == halves
    told = bappsmith("info", "c").out
    assert f"made of {facts['b']['name']} ({facts['b']['fingerprint'][:12]})" in told
    assert "both hold" in error(bappsmith("merge", "b", "c", "--out", "e"))
    assert "at least two datasets" in error(bappsmith("merge", "b", "--out", "e"))
    assert "form is folders, tar, packed, parquet; found 'zip'" in error(
        bappsmith("convert", "a", "--to", "zip", "--out", "e")
    )
    assert "found 'zip'" in error(bappsmith("generate", recipe, "--out", "f", "--form", "zip"))
    assert bappsmith("generate", recipe, "--seed", "77", "--out", "g").status == 0
    assert bappsmith("merge", "b", "g", "--out", "h").status == 0
    assert json.loads(bappsmith("info", "h", "--json").out)["subsets"]["2afc/train/a"]["items"] == 48


def test_reading_a_manifest_leaves_a_process_that_ends_well(bappsmith, recipe: Path, tmp_path: Path):
    # Arrow's threads aborted one process of four that ended soon after it read a table through a Python file.
    bappsmith("generate", recipe, "--out", tmp_path / "data")
    command = [Path(sys.executable).with_name("bappsmith"), "info", tmp_path / "data"]
    ended = [subprocess.run(command, capture_output=True, check=False) for _ in range(6)]
    assert [done.returncode for done in ended] == [0] * 6
    assert b"2afc/train" in ended[0].stdout


def test_a_damaged_dataset_fails_verification(bappsmith, recipe: Path, tmp_path: Path, photos: Path):
    bappsmith("generate", recipe, "--out", "data")
    (tmp_path / "data/2afc/val/a/p0/000002.png").unlink()
    ran = bappsmith("verify", "data")
    assert ran.status == 1
    assert "missing: 2afc/val/a/p0/000002.png" in ran.out
    assert bappsmith("replay", "data", "2afc/val/a", 2, "--photos", photos).status == 1


def test_an_operator_of_ones_own(bappsmith, tmp_path: Path, photos: Path):
    (tmp_path / "pixelate.py").write_text(
        PIXELATE.format(
            name="Pixelate", end="return cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)"
        )
    )
    checked = bappsmith("distortions", "check", "pixelate.py")
    assert (checked.status, checked.out) == (0, "pixelate: keeps the contract\n")
    assert "pixelate" in json.loads(bappsmith("distortions", "list", "--plugin", "pixelate.py", "--json").out)
    assert bappsmith("distortions", "show", "--plugin", "pixelate.py", "--out", "strips").status == 0
    assert [p.name for p in (tmp_path / "strips").iterdir()] == ["pixelate.png"]
    subsets = [{"path": "2afc/train/own", "triplets": 5, "distort": {"operators": ["pixelate"], "length": [1]}}]
    own = write_recipe(tmp_path / "own.yaml", {"path": str(photos)}, subsets=subsets)
    assert bappsmith("generate", own, "--out", "own", "--plugin", "pixelate.py").status == 0
    replay = ("replay", "own", "2afc/train/own", 0, "--photos", photos, "--plugin", "pixelate.py")
    assert bappsmith(*replay).status == 0
    registry._operators.pop("pixelate")
    assert "not bappsmith's own (pixelate); give the file" in error(bappsmith(*replay[:-2]))
    (tmp_path / "pixelate.py").write_text((tmp_path / "pixelate.py").read_text() + "\n# edited\n")
    ran = bappsmith(*replay)
    assert (ran.status, "operator pixelate was" in ran.out) == (0, True)


def test_a_broken_operator_is_told_what_is_wrong(bappsmith, tmp_path: Path):
    (tmp_path / "shrink.py").write_text(PIXELATE.format(name="Shrink", end="return small"))
    ran = bappsmith("distortions", "check", "shrink.py")
    assert ran.status == 1
    assert "shrink: breaks the contract" in ran.out
    assert "shape" in ran.out


def test_the_catalogue_lists_every_operator(bappsmith):
    from bappsmith.distortions import operators

    assert set(json.loads(bappsmith("distortions", "list", "--json").out)) >= set(operators())
    assert "gaussian_blur" in bappsmith("distortions", "list").out


def error(ran: Ran) -> str:
    """The one readable line of a failed command."""
    assert ran.status == 1
    lines = [line for line in ran.err.splitlines() if line.startswith("bappsmith: ")]
    assert len(lines) == 1
    assert "Traceback" not in ran.err
    return lines[0]


def test_mistakes_in_photographs_and_recipes(bappsmith, recipe: Path, tmp_path: Path, photos: Path):
    (tmp_path / "empty").mkdir()
    broken = shutil.copytree(photos, tmp_path / "broken")
    (broken / "photo2.png").write_bytes((broken / "photo2.png").read_bytes()[:500])
    assert "no such folder" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "nowhere"))
    assert "no photograph found" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "empty"))
    assert "photo2.png" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "broken"))
    assert "did you mean 'quickstart'" in error(bappsmith("generate", "quickstar", "--out", "o"))
    for change, words in (
        ({"pach": 32}, "did you mean 'patch'"),
        ({"patch": 500}, "photographs of at least 500 px"),
        ({"subsets": [{"path": "2afc/train/a", "triplets": 2_000_000}]}, "1,000,000"),
        (
            {"subsets": [{"path": "2afc/train/a", "triplets": 2, "distort": {"operators": ["jpg"]}}]},
            "did you mean 'jpeg'",
        ),
    ):
        wrong = write_recipe(tmp_path / "wrong.yaml", {"path": str(photos)}, **change)
        assert words in error(bappsmith("generate", wrong, "--out", "o"))
    assert not (tmp_path / "o").exists()
    skipping = write_recipe(tmp_path / "skip.yaml", {"path": "broken", "on_unreadable": "skip"})
    ran = bappsmith("generate", skipping, "--out", "skipped")
    assert ran.status == 0
    assert "passed over: photograph photo2.png" in ran.err
    assert "photo2.png" in (tmp_path / "skipped" / "README.md").read_text()


def test_images_and_folders_are_compared(bappsmith, photos: Path, tmp_path: Path):
    shutil.copytree(photos, tmp_path / "copy")
    one, two = photos / "photo0.png", tmp_path / "copy" / "photo0.png"
    with Image.open(one) as image:
        image.convert("L").save(two)
    ran = bappsmith("compare", one, two)
    assert ran.status == 0
    assert ran.out.split()[:2] == ["l2", "ssim"]
    found = json.loads(bappsmith("compare", photos, "copy", "--metric", "l2", "--metric", "random", "--json").out)
    assert [row["name"] for row in found["pairs"]] == [f"photo{k}" for k in range(5)]
    assert found["pairs"][0]["l2"] > 0
    assert found["pairs"][1] == {"name": "photo1", "l2": 0, "random": 0}
    assert found["mean"]["l2"] == pytest.approx(found["pairs"][0]["l2"] / 5)
    assert "mean" in bappsmith("compare", photos, "copy").out
    two.write_bytes(b"broken")
    assert "photo0.png" in error(bappsmith("compare", photos, "copy"))


def test_mistakes_in_folders(bappsmith, recipe: Path, tmp_path: Path):
    assert "is no bappsmith dataset" in error(bappsmith("verify", tmp_path))
    assert "is no bappsmith dataset" in error(bappsmith("show", "nowhere"))
    bappsmith("generate", recipe, "--out", "data")
    assert "recipe differ" in error(bappsmith("generate", recipe, "--out", "data", "--seed", 5))
    assert "seed" in error(bappsmith("generate", recipe, "--out", "huge", "--seed", 10**30))
    assert not (tmp_path / "huge").exists()
    (tmp_path / "afile").touch()
    assert "afile: File exists" in error(bappsmith("show", "data", "--out", "afile"))
    seal = (tmp_path / "data/seal.json").read_bytes()
    (tmp_path / "data/seal.json").write_text("{}")
    assert "is damaged" in error(bappsmith("verify", "data"))
    assert "damaged" in error(bappsmith("generate", recipe, "--out", "data"))
    (tmp_path / "data/seal.json").write_bytes(seal)
    judge = tmp_path / "data/2afc/train/a/judge/000003.npy"
    np.save(judge, np.array([np.nan], dtype=np.float32))
    scratch = ("--mode", "scratch", "--out", "m")
    assert "000003.npy: a judgment lies in [0, 1], found nan" in error(bappsmith("train", "data", *scratch))
    judge.unlink()
    assert "no file for 000003" in error(bappsmith("train", "data/2afc/train/a", *scratch))
    assert "no such folder" in error(bappsmith("train", "nowhere", *scratch))
    assert not (tmp_path / "m").exists()


def test_mistakes_in_weights_and_metrics(bappsmith, recipe: Path, tmp_path: Path):
    bappsmith("generate", recipe, "--out", "data")
    (tmp_path / "text.pth").write_text("no weights")
    assert "not a PyTorch weights file" in error(
        bappsmith("train", "data", "--trunk-weights", "text.pth", "--out", "m")
    )
    torch.save(LPIPS("squeeze", trunk_weights=0).trunk.state_dict(), tmp_path / "squeeze.pth")
    assert "do not fit alexnet" in error(bappsmith("train", "data", "--trunk-weights", "squeeze.pth", "--out", "m"))
    assert "did you mean 'ssim'" in error(bappsmith("evaluate", "data", "--metric", "sim"))
    assert "not a .safetensors file" in error(bappsmith("evaluate", "data", "--metric", "text.pth"))
    save_checkpoint(tmp_path / "squeeze.safetensors", LPIPS("squeeze", trunk_weights=0), {})
    wrong = bappsmith("evaluate", "data", "--metric", "squeeze.safetensors", "--net", "vgg")
    assert "is of net 'squeeze', asked for 'vgg'" in error(wrong)


def test_a_file_that_is_no_photograph_folder(bappsmith, recipe: Path, tmp_path: Path):
    Image.new("RGB", (64, 64)).save(tmp_path / "one.png")
    assert "a file; give the folder" in error(bappsmith("generate", recipe, "--out", "o", "--photos", "one.png"))


def test_a_full_disk_leaves_a_dataset_that_goes_on(recipe: Path, tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        command = [
            str(Path(sys.executable).with_name("bappsmith")),
            "generate",
            str(recipe),
            "--out",
            str(disk / "data"),
        ]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 1
        assert "disk full while writing shard 0 of 2afc/train/a" in ran.stderr
        assert not (disk / "data" / "seal.json").exists()
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_ctrl_c_stops_cleanly_and_keeps_what_is_finished(tmp_path: Path, photos: Path):
    subsets = [{"path": "2afc/train/a", "triplets": 200_000, "distort": {"operators": ["jpeg"], "length": [1]}}]
    large = write_recipe(tmp_path / "large.yaml", {"path": str(photos)}, subsets=subsets)
    command = [
        Path(sys.executable).with_name("bappsmith"),
        "generate",
        large,
        "--out",
        tmp_path / "o",
        "--workers",
        "2",
    ]
    # Where tests run in the background, Ctrl-C may be ignored from birth.
    listening = "import signal, os, sys; signal.signal(signal.SIGINT, signal.default_int_handler); os.execv(sys.argv[1], sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", listening, *map(str, command)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        entries = tmp_path / "o" / ".bappsmith" / "shards" / "2afc-train-a"
        while not (entries.is_dir() and any(entries.iterdir())):
            assert running.poll() is None, running.stderr and running.stderr.read()
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err.splitlines()[-1] == "bappsmith: stopped; what is finished is kept, run the same command to go on"
    assert "Traceback" not in err
    assert any(entries.iterdir())
    assert not (tmp_path / "o" / "seal.json").exists()
