"""Failures in long runs: the dataset is that of an undisturbed run, or the error says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline import generate as run
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.shard import ShardTask

from .workers.clusters import small


def test_a_photograph_that_changes_during_the_run_is_named(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(photos, tmp_path / "photos")
    real = run.make_shard

    def change(task: ShardTask) -> object:
        for path in (tmp_path / "photos").iterdir():
            if path.name != "photo0.png":
                path.write_bytes((photos / "photo0.png").read_bytes())
        return real(task)

    monkeypatch.setattr(run, "make_shard", change)
    with pytest.raises(BappsmithError, match=r"photograph photo\d\.png .*is not the file that was indexed"):
        generate(small(tmp_path / "photos"), tmp_path / "data")
    assert not (tmp_path / "data" / "seal.json").exists()
