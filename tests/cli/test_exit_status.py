"""What docs/command-line.md says of exit status. `test_main.py` has those of a run that is stopped (130, 143)."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from .commands import error

PROGRAM = Path(sys.executable).with_name("bappsmith")


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("train", "--help"), ("annotate", "serve", "--help")])
def test_help_and_version_end_with_0(bappsmith, words: tuple[str, ...]):
    assert bappsmith(*words).status == 0


def test_the_version_is_that_of_the_package(bappsmith):
    assert bappsmith("--version").out == f"bappsmith {version('bappsmith')}\n"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("annotate",),
        ("generat",),
        ("generate",),
        ("generate", "quickstart", "--worker", "2"),
        ("generate", "quickstart", "--workers", "two"),
        ("generate", "quickstart", "--workers", "0"),
        ("train", "data", "--mode", "fine", "--out", "m"),
    ],
)
def test_a_command_line_that_cannot_be_understood_ends_with_2(bappsmith, words: tuple[str, ...]):
    ran = bappsmith(*words)
    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_what_cannot_be_done_ends_with_1_and_one_line(bappsmith):
    assert "missing" in error(bappsmith("verify", "missing"))
    assert "unknown recipe 'quickstar'" in error(bappsmith("generate", "quickstar", "--out", "data"))


def test_findings_end_with_1_and_no_error(bappsmith, recipe: Path, tmp_path: Path, photos: Path):
    assert bappsmith("generate", recipe, "--out", "data").status == 0
    assert bappsmith("generate", recipe, "--out", "data").status == 0
    assert bappsmith("replay", "data", "2afc/val/a", 0, "--photos", photos).status == 0
    (image,) = tmp_path.glob("data/2afc/val/a/ref/000000.png")
    image.write_bytes(image.read_bytes() + b"more")
    for words in (("verify", "data"), ("replay", "data", "2afc/val/a", 0, "--photos", photos)):
        found = bappsmith(*words)
        assert found.status == 1
        assert found.out
        assert "bappsmith:" not in found.err


def test_a_reader_that_goes_away_ends_with_1():
    with subprocess.Popen(
        [PROGRAM, "recipe", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout is not None
        ran.stdout.close()
        assert ran.stderr is not None
        assert "Traceback" not in ran.stderr.read()
    assert ran.returncode == 1
