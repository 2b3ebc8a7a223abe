"""Reading a dataset writes nothing, so that one on a read-only disk can be used, and checking cannot harm it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bappsmith.manifests.forms.form import FORMS
from bappsmith.pipeline.generate import generate

from .interrupt import tree
from .test_interruptions import ROOT
from .works import recipe


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc to tell names of open folders")
def test_verify_info_show_replay_and_dataset_write_nothing(photos: Path, tmp_path: Path):
    shutil.copytree(photos, tmp_path / "photos")
    for form in FORMS:
        generate(recipe(tmp_path, pairs=1), tmp_path / form, form=form)
    roots = [tmp_path / form for form in FORMS]
    before = [tree(root) for root in roots]
    # In a process of its own: what is told of operations is told until the process ends.
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.read", str(tmp_path), *map(str, roots)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"written": [], "seen": True}
    assert [tree(root) for root in roots] == before
