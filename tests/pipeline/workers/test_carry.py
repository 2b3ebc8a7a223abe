"""Plugins and banks reach workers that lack the files, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from distributed import Client

from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.store.open import open_store
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.workers.carry import LocalPlugins, carry

from .clusters import running

PLUGIN = '''
from bappsmith.distortions import Distortion, Severity, register


@register
class UpsideDown(Distortion):
    """Turned by 180 degrees."""

    source = "test"
    amount = Severity(mild=1, severe=2, unit="levels")

    def apply(self, image, *, amount):
        return image[::-1, ::-1].copy()
'''


def test_workers_without_the_plugin_get_copies_that_are_removed(
    tmp_path: Path, bank: Path, monkeypatch: pytest.MonkeyPatch
):
    plugin = tmp_path / "here" / "own.py"
    plugin.parent.mkdir()
    plugin.write_text("x = 1\n")
    shutil.copytree(bank, tmp_path / "here" / "bank")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    given = (str(plugin), str(tmp_path / "here" / "bank"))
    store = open_store(tmp_path / "data")
    carry(given, store)
    assert LocalPlugins(given, store).plugins == list(given)
    shutil.rmtree(tmp_path / "here")
    plugins = LocalPlugins(given, store)
    file, folder = map(Path, plugins.plugins)
    assert (file.name, file.read_text()) == ("own.py", "x = 1\n")
    assert {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")} == {
        p.relative_to(bank).as_posix(): p.read_bytes() for p in bank.rglob("*.*")
    }
    del plugins
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_workers_leave_no_copies_behind(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, killed: bool):
    plugin, scratch = tmp_path / "here" / "upside_down.py", tmp_path / "tmp"
    plugin.parent.mkdir()
    plugin.write_text(PLUGIN)
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    subset = {"path": "2afc/train/own", "triplets": 4, "distort": {"operators": ["upside_down"], "length": [1]}}
    facts = {"name": "own", "patch": 16, "sources": {"path": str(photos)}, "subsets": [subset]}
    copies: list[Path] = []

    def look(what: str, done: int, total: int) -> None:
        if what == "items":
            plugin.unlink(missing_ok=True)  # before the first task is sent
            copies.extend(scratch.rglob("upside_down.py"))

    with running(processes=True, scratch=scratch) as cluster:
        address = cluster.scheduler_address
        generate(Recipe.from_dict(facts), tmp_path / "data", scheduler=address, plugins=[plugin], progress=look)
        assert copies
        if killed:
            with Client(cluster) as client:
                for pid in client.run(os.getpid).values():
                    os.kill(pid, signal.SIGKILL)
    assert not list(scratch.rglob("upside_down.py"))
    assert not list(scratch.rglob("bappsmith-*"))
