"""Workers and schedulers that are killed: afterwards the dataset is that of an undisturbed run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest
from distributed import Client

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.workers import map_unordered

from .clusters import small, tree
from .separate import SeparateCluster, separate_cluster

pytestmark = pytest.mark.slow

KILLER = '''
import os, pathlib, signal
from bappsmith.distortions import Distortion, Severity, register

PLACE = pathlib.Path(__file__).with_name("marks")

@register
class Killer(Distortion):
    """Upside down; or the end of its process: once for every mark, and always below a limit."""
    source = "test"
    amount = Severity(mild=1, severe=2, unit="levels")

    def apply(self, image, *, amount):
        limit = PLACE / "limit"
        if limit.exists() and amount < float(limit.read_text()):
            os.kill(os.getpid(), signal.SIGKILL)
        for mark in sorted(PLACE.glob("once*")) if amount > 1.9 else ():
            try:
                mark.unlink()
            except FileNotFoundError:
                continue  # another worker took it
            os.kill(os.getpid(), signal.SIGKILL)
        return image[::-1].copy()
'''


def killing(photos: Path, folder: Path) -> tuple[Recipe, Path]:
    """A recipe of three shards, and the plugin that kills workers as files in the folder `marks` say."""
    plugin = folder / "killer.py"
    plugin.write_text(KILLER)
    (folder / "marks").mkdir()
    distort = {"operators": ["killer"], "length": [1]}
    subsets = [{"path": "2afc/train/own", "triplets": 2 * 512 + 100, "distort": distort}]
    facts = {"name": "killing", "patch": 16, "sources": {"path": str(photos)}, "subsets": subsets}
    return Recipe.from_dict(facts), plugin


def test_workers_that_are_killed_are_replaced(photos: Path, tmp_path: Path):
    recipe, plugin = killing(photos, tmp_path)
    generate(recipe, tmp_path / "quiet", plugins=[plugin])
    marks = [tmp_path / "marks" / f"once{k}" for k in range(2)]
    for mark in marks:
        mark.touch()
    generate(recipe, tmp_path / "killed", plugins=[plugin], workers=2)
    assert not any(mark.exists() for mark in marks), "no worker was killed"
    assert tree(tmp_path / "killed") == tree(tmp_path / "quiet")


def test_a_shard_that_kills_its_workers_is_named_and_all_others_are_kept(photos: Path, tmp_path: Path):
    recipe, plugin = killing(photos, tmp_path)
    generate(recipe, tmp_path / "quiet", plugins=[plugin])
    # The mildest of all severities, and no other, kills always.
    amounts = sorted(
        (chain.calls[0].params["amount"], row.index // 512)
        for row in Dataset(tmp_path / "quiet")["2afc/train/own"].rows()
        for chain in (row.plan.chain0, row.plan.chain1)
    )
    (_, shard), (above, _) = amounts[:2]
    (tmp_path / "marks" / "limit").write_text(str(above))
    words = rf"1 of 3 tasks .*: shard {shard} of 2afc/train/own, it killed its worker several times"
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        pytest.raises(BappsmithError, match=words),
    ):
        generate(recipe, tmp_path / "poisoned", plugins=[plugin], workers=2)
    (tmp_path / "marks" / "limit").unlink()
    assert generate(recipe, tmp_path / "poisoned", plugins=[plugin]).new_items == (512, 512, 100)[shard]
    assert tree(tmp_path / "poisoned") == tree(tmp_path / "quiet")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[SeparateCluster]:
    with separate_cluster(tmp_path) as running:
        yield running


def test_a_cluster_whose_workers_come_and_go_makes_the_same_bytes(
    photos: Path, tmp_path: Path, cluster: SeparateCluster
):
    changes = iter([2, 4])
    done = 0

    def disturb(what: str, now: int, total: int) -> None:
        nonlocal done
        if what == "items" and now > done:
            done = now
            if next(changes, None):
                cluster.replace_worker()

    generate(small(photos), tmp_path / "remote", scheduler=cluster.address, progress=disturb)
    assert next(changes, None) is None
    generate(small(photos), tmp_path / "serial")
    assert tree(tmp_path / "remote") == tree(tmp_path / "serial")


def test_a_result_that_came_is_kept_when_its_worker_dies_before_it_is_taken(cluster: SeparateCluster):
    def slow(task: int) -> int:  # inside, for workers do not know this module
        time.sleep(0.1)
        return task

    with Client(cluster.address) as client:
        results = map_unordered.map_unordered(client, slow, range(24))  # all are sent at once
        first = next(results)
        time.sleep(3)  # all results come
        # What the worker held is called lost, and is made again, which takes a second.
        cluster.replace_worker()
        time.sleep(0.3)
        assert sorted([first, *results]) == list(range(24))


def test_a_lost_scheduler_is_one_line_and_nothing_finished_is_lost(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cluster: SeparateCluster,
):
    monkeypatch.setattr(map_unordered, "TASKS_PER_THREAD", 1)  # the first result leaves shards to be sent

    def kill(what: str, now: int, total: int) -> None:
        if what == "items" and now:
            cluster.scheduler.kill()

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "2s", "distributed.comm.retry.count": 0}),
        pytest.raises(BappsmithError, match="the Dask scheduler was lost; what is finished is kept"),
    ):
        generate(small(photos), tmp_path / "data", scheduler=cluster.address, progress=kill)
    result = generate(small(photos), tmp_path / "data")
    assert result.new_items < result.items
    generate(small(photos), tmp_path / "serial")
    assert tree(tmp_path / "data") == tree(tmp_path / "serial")
