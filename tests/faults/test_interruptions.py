"""Work that is killed, or whose machine loses its power, comes to the same end as undisturbed work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .power_cut import LOSSES
from .works import WORKS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs fork, and /proc to tell names of open folders"),
]
works = pytest.mark.parametrize("work", WORKS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For inputs, which are made once, and results."""
    return tmp_path_factory.mktemp("interrupted")


def interrupt(folder: Path, works: str, stride: str, *losses: str) -> list[dict[str, Any]]:
    """What `interrupt.py` says."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.interrupt", str(folder), works, stride, *losses],
        cwd=ROOT,
        env={**os.environ, **threads},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@works
def test_killed_before_any_operation_and_again_it_comes_to_the_same_end(folder: Path, work: str):
    (result,) = interrupt(folder, work, "1")
    assert result["tried"] == len(result["operations"]) > 10
    assert result["wrong"] == {}


@works
def test_a_power_cut_loses_nothing_that_cannot_be_made_again(folder: Path, work: str):
    (result,) = interrupt(folder, work, "5", *LOSSES)
    assert result["tried"] > 3
    assert result["wrong"] == {}
