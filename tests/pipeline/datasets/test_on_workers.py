"""What works on datasets gives the same bytes here, on the workers of a scheduler, and where workers are killed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bappsmith.manifests.forms.form import FORMS
from bappsmith.manifests.recipe.judge import read_judge
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.relabel import activate
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.split import split
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool
from tests.pipeline.workers.separate import SeparateCluster, separate_cluster

Tree = Callable[[Path], dict[str, str]]
Done = Callable[[int, int], None]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeparateCluster]:
    """It outlives every run, so that workers meet folders and forms again."""
    with separate_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    """Two datasets of four shards, `one` and `other`; `one` has a second labelling."""
    root = tmp_path_factory.mktemp("inputs")
    for seed, name in enumerate(("one", "other")):
        facts = {"path": str(photos), "val_fraction": 0.4}
        subsets = [
            {"path": "2afc/train/some", "triplets": 1100, "distort": {"operators": ["contrast", "saturation"]}},
            {"path": "jnd/val/some", "pairs": 8, "distort": {"operators": ["contrast", "saturation"]}},
        ]
        recipe = {"name": name, "patch": 16, "seed": seed, "sources": facts, "subsets": subsets}
        generate(Recipe.from_dict(recipe), root / name, form="tar")
    judge_dataset(root / "one", read_judge("context", ["ranking=[contrast, saturation]"]), "ranked")
    return root


def judge(judge: str, settings: list[str], inputs: Path, out: Path, progress: Done, **where: Any) -> None:
    copy_once(inputs / "one", out)
    judge_dataset(out, read_judge(judge, settings), "judged", progress=progress, **where)


def activate_labelling(form: str, inputs: Path, out: Path, progress: Done, **where: Any) -> None:
    if not out.exists():
        convert(inputs / "one", out, form)  # type: ignore[arg-type]
    with WorkerPool(choose_client(1, where.get("scheduler"), None)) as pool:

        def counting(function: Any, tasks: Any) -> Iterator[Any]:
            for number, result in enumerate(pool.map_unordered(function, tasks)):
                progress(number + 1, len(tasks))
                yield result

        activate(str(out), "ranked", counting)


def copy_once(source: Path, out: Path) -> None:
    if not out.exists():
        shutil.copytree(source, out)


COMMANDS: dict[str, Callable[..., object]] = {
    **{
        f"convert-{form}": lambda inputs, out, progress, form=form, **where: convert(
            inputs / "one", out, form, progress, **where
        )
        for form in FORMS
    },
    "sample": lambda inputs, out, progress, **where: sample(inputs / "one", out, 0.9, progress=progress, **where),
    "split": lambda inputs, out, progress, **where: split(inputs / "one", out, form="tar", progress=progress, **where),
    "merge": lambda inputs, out, progress, **where: merge(
        [inputs / "one", inputs / "other"], out, form="parquet", progress=progress, **where
    ),
    "judge-gmsd": partial(judge, "metric", ["metric=gmsd", "threshold=0.05"]),
    "judge-scale": partial(judge, "scale", ["votes=3"]),
    **{
        f"activate-{form}": lambda inputs, out, progress, form=form, **where: activate_labelling(
            form, inputs, out, progress, **where
        )
        for form in FORMS
    },
}


def nothing(done: int, total: int) -> None:
    """Watch."""


@pytest.mark.parametrize("command", COMMANDS)
def test_workers_that_come_and_go_make_the_same_bytes(
    inputs: Path, tmp_path_factory: pytest.TempPathFactory, cluster: SeparateCluster, tree: Tree, command: str
):
    root = tmp_path_factory.mktemp(command)
    run = COMMANDS[command]
    run(inputs, root / "serial", nothing)
    killed = False

    def kill_one(done: int, total: int) -> None:
        nonlocal killed
        if done and not killed:
            killed = True
            cluster.replace_worker()

    run(inputs, root / "remote", kill_one, scheduler=cluster.address)
    assert killed
    assert tree(root / "remote") == tree(root / "serial")
    assert verify(root / "remote").clean


@pytest.mark.parametrize("command", ["convert-packed", "merge", "judge-gmsd", "judge-scale", "activate-folders"])
def test_a_run_that_is_stopped_goes_on_elsewhere_to_the_same_bytes(
    inputs: Path, tmp_path_factory: pytest.TempPathFactory, cluster: SeparateCluster, tree: Tree, command: str
):
    root = tmp_path_factory.mktemp(command)
    run = COMMANDS[command]
    run(inputs, root / "serial", nothing)

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(inputs, root / "stopped", stop, scheduler=cluster.address)
    run(inputs, root / "stopped", nothing)
    assert tree(root / "stopped") == tree(root / "serial")


def test_workers_that_outlive_a_run_know_another_form_in_the_same_folder(
    inputs: Path, tmp_path: Path, cluster: SeparateCluster, tree: Tree
):
    for form in ("parquet", "folders"):
        convert(inputs / "one", tmp_path / form, form)
        convert(inputs / "one", tmp_path / "out", form, scheduler=cluster.address)
        assert tree(tmp_path / "out") == tree(tmp_path / form)
        convert(tmp_path / form, tmp_path / f"{form}-back", "tar")
        convert(tmp_path / "out", tmp_path / "back", "tar", scheduler=cluster.address)
        assert tree(tmp_path / "back") == tree(tmp_path / f"{form}-back")
        shutil.rmtree(tmp_path / "out")
        shutil.rmtree(tmp_path / "back")


@pytest.mark.parametrize("form", FORMS)
def test_workers_find_the_same_differences(
    inputs: Path, photos: Path, tmp_path: Path, cluster: SeparateCluster, form: str
):
    root = tmp_path / "data"
    convert(inputs / "one", root, form)  # type: ignore[arg-type]
    where = {"scheduler": cluster.address}
    assert verify(root, pixels=3, photos=str(photos), **where) == verify(root, pixels=3, photos=str(photos))
    assert verify(root, **where).clean
    items = sorted(root.glob("2afc/train/some/**/*.*"))
    for path in {items[0], items[-1], root / "README.md"}:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    items[len(items) // 2].unlink()
    (root / "2afc/train/some/more.png").touch()
    # The seal is the same, so the workers keep what they read of it.
    found = verify(root, **where)
    assert found == verify(root) == verify(root, workers=1)
    assert not found.clean
    assert "README.md" in found.changed
    assert "2afc/train/some/more.png" in found.additional
