"""The road of commands from a recipe to a score, and how a command ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .commands import write_recipe

HOLD = '''
import pathlib
import time
from bappsmith.distortions import Distortion, Severity, register

RELEASE = pathlib.Path(__file__).with_name("release")


@register
class Hold(Distortion):
    """Upside down, once a file says so."""

    source = "test"
    amount = Severity(mild=1, severe=2, unit="levels")

    def apply(self, image, *, amount):
        while not RELEASE.exists():
            time.sleep(0.01)
        return image[::-1].copy()
'''


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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_keeps_what_is_finished(
    bappsmith, tmp_path: Path, photos: Path, number: signal.Signals
):
    plugin = tmp_path / "hold.py"
    plugin.write_text(HOLD)
    subsets = [
        {"path": "2afc/train/free", "triplets": 4, "distort": {"operators": ["jpeg"], "length": [1]}},
        {"path": "2afc/train/held", "triplets": 4, "distort": {"operators": ["hold"], "length": [1]}},
    ]
    recipe = write_recipe(tmp_path / "two.yaml", {"path": str(photos)}, subsets=subsets)
    command = ("generate", recipe, "--out", "data", "--plugin", plugin, "--workers", 2)
    # Where tests run in the background, Ctrl-C may be ignored from birth.
    listening = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    program = Path(sys.executable).with_name("bappsmith")
    entries = tmp_path / "data" / ".bappsmith" / "entries" / "2afc-train-free"
    with subprocess.Popen(
        [sys.executable, "-c", listening, *map(str, (program, *command))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        while not (entries.is_dir() and list(entries.glob("*.parquet"))):
            assert running.poll() is None, running.stderr and running.stderr.read()
            time.sleep(0.02)
        # A terminal sends Ctrl-C to all processes; a batch system asks the first.
        (os.killpg if number == signal.SIGINT else os.kill)(running.pid, number)
        (tmp_path / "release").touch()
        _, err = running.communicate(timeout=600)
    assert running.returncode == 128 + number
    assert err.splitlines()[-1] == "bappsmith: stopped; finished parts are kept, run the same command again to go on"
    assert "Traceback" not in err
    assert not (tmp_path / "data" / "seal.json").exists()
    resumed = json.loads(bappsmith(*command[:-2], "--json").out)
    assert resumed["items"] == 8
    assert resumed["made"] <= 4
    assert bappsmith("verify", "data").status == 0
