"""info, convert, sample, split, merge."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .commands import error


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
    assert f"made from {facts['b']['name']} ({facts['b']['fingerprint'][:12]})" in told
    assert "both hold" in error(bappsmith("merge", "b", "c", "--out", "e"))
    assert "at least two datasets" in error(bappsmith("merge", "b", "--out", "e"))
    assert "form must be one of folders, tar, packed, parquet; found 'zip'" in error(
        bappsmith("convert", "a", "--to", "zip", "--out", "e")
    )
    assert "found 'zip'" in error(bappsmith("generate", recipe, "--out", "f", "--form", "zip"))
    assert bappsmith("generate", recipe, "--seed", "77", "--out", "g").status == 0
    assert bappsmith("merge", "b", "g", "--out", "h").status == 0
    assert json.loads(bappsmith("info", "h", "--json").out)["subsets"]["2afc/train/a"]["items"] == 48


@pytest.mark.slow
def test_reading_a_manifest_leaves_a_process_that_ends_well(bappsmith, recipe: Path, tmp_path: Path):
    # Arrow's threads aborted one process of four that ended soon after it read a table through a Python file.
    bappsmith("generate", recipe, "--out", tmp_path / "data")
    command = [Path(sys.executable).with_name("bappsmith"), "info", tmp_path / "data"]
    ended = [subprocess.run(command, capture_output=True, check=False) for _ in range(6)]
    assert [done.returncode for done in ended] == [0] * 6
    assert b"2afc/train" in ended[0].stdout


def test_what_was_made_is_printed_as_json(bappsmith, recipe: Path):
    bappsmith("generate", recipe, "--out", "a")
    bappsmith("generate", recipe, "--seed", "77", "--out", "b")
    halves = {"2afc/train/a": 12, "2afc/val/a": 6, "jnd/val/a": 6}
    whole = {path: 2 * count for path, count in halves.items()}
    twice = {path: 2 * count for path, count in whole.items()}
    for words, subsets in (
        (("convert", "a", "--to", "tar"), whole),
        (("sample", "a", "--fraction", "0.5"), halves),
        (("merge", "a", "b"), twice),
    ):
        ran = bappsmith(*words, "--out", words[0], "--json")
        assert json.loads(ran.out) == {"dataset": words[0], "items": sum(subsets.values()), "subsets": subsets}
    made = json.loads(bappsmith("split", "a", "--out", "split", "--json").out)
    assert made["dataset"] == "split"
    assert made["items"] == sum(made["subsets"].values())
    assert {"2afc/train/a", "2afc/val/a"} <= set(made["subsets"])
    assert bappsmith("convert", "a", "--to", "tar", "--out", "again").out == "again: 48 items, a as tar\n"


def test_a_full_disk_names_input_and_output(bappsmith, recipe: Path):
    bappsmith("generate", recipe, "--out", "given")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        ran = bappsmith("convert", "given", "--to", "packed", "--out", "wanted")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    line = error(ran)
    assert "given" in line
    assert "wanted" in line
    assert "File too large" in line
