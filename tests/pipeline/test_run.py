"""Whole datasets: the same bytes however they are made, and nothing half-made looking whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import read_subset
from bappsmith.manifests.forms.folders import Folders
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline import generate as run_module
from bappsmith.pipeline import shard as shard_module
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.sources import decoded
from bappsmith.pipeline.workers import clusters as clusters_module
from bappsmith.pipeline.workers import map_unordered as workers_module

from .workers.clusters import running


def tree(root: Path) -> dict[str, str]:
    """Path → sha256 of every file."""
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in root.rglob("*")
        if p.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> Path:
    """A finished dataset, made serially; tests copy it before they harm it."""
    out = tmp_path_factory.mktemp("made") / "data"
    generate(small(photos), out)
    return out


def small(photos: Path) -> Recipe:
    operators = ["gaussian_blur", "gaussian_white_noise", "jpeg"]
    subsets = [
        {"path": "2afc/train/small", "triplets": 1100, "distort": {"operators": operators}},
        {
            "path": "2afc/val/small",
            "triplets": 20,
            "distort": {"operators": operators},
            "pairing": "same-chain",
        },
        {"path": "jnd/val/small", "pairs": 30, "distort": {"operators": operators}},
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    return Recipe.from_dict({"name": "small", "seed": 7, "patch": 32, "sources": sources, "subsets": subsets})


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def test_the_layout_is_that_of_bapps(made: Path):
    # Written from the published layout, without the project's own reader.
    for subset, count, folders, label in (
        ("2afc/train/small", 1100, ("ref", "p0", "p1"), "judge"),
        ("2afc/val/small", 20, ("ref", "p0", "p1"), "judge"),
        ("jnd/val/small", 30, ("p0", "p1"), "same"),
    ):
        for folder in folders:
            assert sorted(os.listdir(made / subset / folder)) == [f"{i:06d}.png" for i in range(count)]
        assert sorted(os.listdir(made / subset / label)) == [f"{i:06d}.npy" for i in range(count)]
        image = cv2.imread(str(made / subset / "p1" / "000000.png"), cv2.IMREAD_UNCHANGED)
        assert (image.shape, image.dtype) == ((32, 32, 3), np.uint8)
        labels = np.stack([np.load(made / subset / label / f"{i:06d}.npy") for i in range(count)])
        assert labels.shape == (count, 1)
        assert labels.dtype == np.float32
        assert set(np.unique(labels)) <= (
            {0, 0.5, 1} if label == "judge" else {0, np.float32(1 / 3), np.float32(2 / 3), 1}
        )
    assert len(read_subset(made / "2afc/train/small")) == 1100


def test_pixels_on_disk_are_rgb_of_the_photograph(made: Path, photos: Path):
    row = Dataset(made).sealed("jnd/val/small").row(3)
    y, x, side = row.crop
    photograph = cv2.imread(str(photos / row.plan.photo))[y : y + side, x : x + side]
    expected = cv2.resize(photograph, (32, 32), interpolation=cv2.INTER_AREA)
    assert (cv2.imread(str(made / "jnd/val/small/p0/000003.png")) == expected).all()


def test_two_workers_give_the_same_bytes(made: Path, tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workers_module, "TASKS_PER_THREAD", 1)  # so that not all shards are in flight at once
    before = dict(os.environ)
    threads = cv2.getNumThreads()
    result = generate(small(photos), tmp_path / "two", workers=2)
    assert (result.items, result.new_items) == (1150, 1150)
    assert tree(tmp_path / "two") == tree(made)
    assert dict(os.environ) == before
    assert cv2.getNumThreads() == threads


def test_a_running_scheduler_gives_the_same_bytes(made: Path, tmp_path: Path, photos: Path):
    with running() as cluster:
        generate(small(photos), tmp_path / "remote", scheduler=cluster.scheduler_address)
    assert tree(tmp_path / "remote") == tree(made)


@pytest.mark.parametrize("damage", [False, True])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    made: Path, tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, damage: bool
):
    real, calls = run_module.make_shard, []

    def stop_at_third(task: shard_module.ShardTask) -> shard_module.ShardResult:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(task)
        return real(task)

    out = tmp_path / "stopped"
    monkeypatch.setattr(run_module, "make_shard", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        generate(small(photos), out)
    with pytest.raises(BappsmithError, match=r"not finished.*generate"):
        verify(out)
    # A shard whose images arrived, but whose entry did not; and one that lost a file or was damaged since.
    (out / "2afc/train/small/p0/001024.png").write_bytes(b"half")
    if damage:
        (out / "2afc/train/small/ref/000100.png").write_bytes(b"half")
    else:
        (out / "2afc/train/small/ref/000100.png").unlink()
    (out / ".bappsmith" / "tmp-left-behind").mkdir()
    monkeypatch.setattr(run_module, "make_shard", real)
    result = generate(small(photos), out)
    assert result.new_items == 1150 - 512
    assert tree(out) == tree(made)


def test_a_finished_dataset_is_left_alone(copy: Path, photos: Path):
    before = {p: p.stat().st_mtime_ns for p in copy.rglob("*")}
    assert generate(small(photos), copy).new_items == 0
    assert {p: p.stat().st_mtime_ns for p in copy.rglob("*")} == before


def test_a_log_left_behind_by_a_kill_after_sealing_is_removed(copy: Path, photos: Path):
    (copy / ".bappsmith" / "entries").mkdir(parents=True)
    (copy / ".bappsmith" / "begin.json").write_text("{}")
    assert verify(copy).additional == (".bappsmith/begin.json", ".bappsmith/entries/")
    assert generate(small(photos), copy).new_items == 0
    assert verify(copy).clean


def test_a_dataset_inside_the_photographs_is_refused(tmp_path: Path, photos: Path):
    shutil.copytree(photos, tmp_path / "photos")
    with pytest.raises(BappsmithError, match="inside the folder of the photographs"):
        generate(small(photos), tmp_path / "photos" / "data", photos=str(tmp_path / "photos"))
    assert not (tmp_path / "photos" / "data").exists()


def test_another_recipe_or_other_photographs_are_refused(copy: Path, photos: Path, tmp_path: Path):
    other = small(photos).model_copy(update={"seed": 8})
    with pytest.raises(BappsmithError, match=r"another dataset: recipe differs"):
        generate(other, copy)
    fewer = tmp_path / "fewer"
    shutil.copytree(photos, fewer)
    (fewer / "photo0.png").unlink()
    with pytest.raises(BappsmithError, match="photographs differs"):
        generate(small(photos), copy, photos=str(fewer))


def test_a_folder_with_something_else_is_refused(tmp_path: Path, photos: Path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BappsmithError, match=r"do not belong to a bappsmith dataset \(thesis\.tex\)"):
        generate(small(photos), tmp_path)


def test_photographs_may_move(copy: Path, photos: Path, tmp_path: Path):
    shutil.copytree(photos, tmp_path / "moved")
    assert generate(small(photos), copy, photos=str(tmp_path / "moved")).new_items == 0
    assert replay(copy, "2afc/train/small", 5, photos=str(tmp_path / "moved")).exact


def test_verify_finds_what_was_changed_removed_or_added(made: Path, copy: Path):
    assert verify(made).clean
    assert verify(made).files == 4 * 1120 + 3 * 30 + 11
    (copy / "2afc/train/small/p1/000700.png").write_bytes(b"other")
    (copy / "2afc/val/small/judge/000003.npy").unlink()
    (copy / "jnd/val/small/p0/extra.png").write_bytes(b"x")
    (copy / "README.md").write_text("a better story")
    found = verify(copy)
    assert found.changed == ("README.md", "2afc/train/small/p1/000700.png")
    assert found.missing == ("2afc/val/small/judge/000003.npy",)
    assert found.additional == ("jnd/val/small/p0/extra.png",)


def test_verify_sees_through_a_changed_manifest_or_seal(copy: Path):
    seal = json.loads((copy / "seal.json").read_text())
    table = (copy / "manifest/jnd-val-small.parquet").read_bytes()
    (copy / "manifest/jnd-val-small.parquet").write_bytes(b"not a table")
    assert "manifest/jnd-val-small.parquet" in verify(copy).changed
    (copy / "manifest/jnd-val-small.parquet").write_bytes(table)
    for change in ({"recipe": {**seal["recipe"], "seed": 99}}, {"subsets": {"2afc/train/small": 1100}}):
        (copy / "seal.json").write_text(json.dumps({**seal, **change}))
        with pytest.raises(BappsmithError, match="its own hash does not match"):
            verify(copy)


@pytest.mark.parametrize(
    ("subset", "index"), [("2afc/train/small", 1099), ("2afc/val/small", 0), ("jnd/val/small", 29)]
)
def test_one_triplet_is_remade_exactly(made: Path, photos: Path, subset: str, index: int):
    done = replay(made, subset, index, photos=str(photos))
    assert done.exact
    assert done.same_bytes
    assert done.versions == {}


def test_replay_notices_a_changed_file(copy: Path, photos: Path):
    (copy / "2afc/val/small/p1/000004.png").write_bytes((copy / "2afc/val/small/p0/000004.png").read_bytes())
    done = replay(copy, "2afc/val/small", 4, photos=str(photos))
    assert not done.exact
    assert done.same_files == {"ref": True, "p0": True, "p1": False, "judge": True}


@pytest.mark.parametrize(
    ("subset", "index", "words"),
    [
        ("2afc/val/other", 0, "unknown subset"),
        ("jnd/val/small", 30, "0 to 29"),
        ("jnd/val/small", 0, r"photographs of this dataset \('photos\d+'\) are not below .* --photos"),
    ],
)
def test_replay_of_what_is_not_there_is_refused(made: Path, subset: str, index: int, words: str):
    with pytest.raises(BappsmithError, match=words):
        replay(made, subset, index)


def test_a_full_disk_is_one_readable_line(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folders, "write", no_space)
    with pytest.raises(BappsmithError, match="disk full while writing shard 0 of 2afc/train/small"):
        generate(small(photos), tmp_path / "full")
    monkeypatch.undo()
    assert generate(small(photos), tmp_path / "full").new_items == 1150


def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters_module, "SCHEDULER_TIMEOUT", 1.0)
    with pytest.raises(BappsmithError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        generate(small(photos), tmp_path / "none", scheduler="tcp://127.0.0.1:9")


def test_an_operator_that_fails_is_one_line_also_from_a_worker(
    tmp_path: Path, photos: Path, capfd: pytest.CaptureFixture[str]
):
    plugin = tmp_path / "broken_op.py"
    plugin.write_text(
        '''
from bappsmith.distortions import Distortion, Severity, register

@register
class Broken(Distortion):
    """Fails."""
    source = "test"
    amount = Severity(mild=1, severe=2, unit="levels")

    def apply(self, image, *, amount):
        raise ZeroDivisionError("on purpose")
'''
    )
    subset = {"path": "2afc/train/own", "triplets": 9, "distort": {"operators": ["broken"], "length": [1]}}
    recipe = Recipe.from_dict({"name": "b", "patch": 32, "sources": {"path": str(photos)}, "subsets": [subset]})
    for workers in (1, 2):
        with pytest.raises(BappsmithError, match=r"'broken' failed at broken_op\.py:11: ZeroDivisionError: on purpose"):
            generate(recipe, tmp_path / "out", plugins=[plugin], workers=workers)
    assert "Traceback" not in capfd.readouterr().err


def test_a_plugin_makes_the_same_bytes_on_workers(tmp_path: Path, photos: Path):
    plugin = tmp_path / "my_op.py"
    plugin.write_text(
        '''
import numpy as np
from bappsmith.distortions import Distortion, Severity, register

@register
class Posterise(Distortion):
    """Fewer levels."""
    source = "test"
    step = Severity(mild=2, severe=64, unit="levels")

    def apply(self, image, *, step):
        return (image // int(step) * int(step)).astype(np.uint8)
'''
    )
    distort = {"operators": ["posterise"], "length": [1]}
    subsets = [
        {"path": "2afc/train/own", "triplets": 20, "distort": distort},
        {"path": "2afc/val/own", "triplets": 20, "distort": distort},
    ]
    recipe = Recipe.from_dict({"name": "own", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets})
    generate(recipe, tmp_path / "one", plugins=[plugin])
    generate(recipe, tmp_path / "two", plugins=[plugin], workers=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    plugin.write_text(plugin.read_text().replace("// int(step) * int(step)", "// int(step)"))
    with pytest.raises(BappsmithError, match="plugins differ"):
        generate(recipe, tmp_path / "one", plugins=[plugin])
    generate(recipe, tmp_path / "edited", plugins=[plugin])
    generate(recipe, tmp_path / "edited-two", plugins=[plugin], workers=2)
    one, edited = tree(tmp_path / "one"), tree(tmp_path / "edited")
    assert edited == tree(tmp_path / "edited-two")
    pixels = {name for name in edited if "/p0/" in name}
    assert all(edited[name] != one[name] for name in pixels)


OWN = """
from bappsmith.distortions import Distortion, Severity, register

@register
class Brighten(Distortion):
    source = "test"
    amount = Severity(mild=1, severe=60, unit="levels")

    def apply(self, image, *, amount):
        return image // 2 + int(amount)
"""


def test_an_operator_that_workers_cannot_know_is_refused_and_one_that_changed_is_another_run(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    # As an operator of an importable module: registered here by its import, which workers do not do.
    (tmp_path / "my_module.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    __import__("my_module")
    subset = {"path": "2afc/train/own", "triplets": 5, "distort": {"operators": ["brighten"], "length": [1]}}
    recipe = Recipe.from_dict({"name": "own", "patch": 32, "sources": {"path": str(photos)}, "subsets": [subset]})
    with pytest.raises(BappsmithError, match=r"worker does not know.*'brighten'.*plugin"):
        generate(recipe, tmp_path / "two", workers=2)
    generate(recipe, tmp_path / "one")
    sealed = json.loads((tmp_path / "one" / "seal.json").read_text())
    digest = hashlib.sha256((tmp_path / "my_module.py").read_bytes()).hexdigest()
    assert sealed["plugins"] == {"brighten": digest}
    (tmp_path / "my_module.py").write_text(OWN + "# edited")
    with pytest.raises(BappsmithError, match="plugins differ"):
        generate(recipe, tmp_path / "one")


def test_an_operator_without_a_file_is_refused(tmp_path: Path, photos: Path):
    exec(OWN, {"__name__": "nowhere"})
    subset = {"path": "2afc/train/own", "triplets": 5, "distort": {"operators": ["brighten"], "length": [1]}}
    recipe = Recipe.from_dict({"name": "own", "patch": 32, "sources": {"path": str(photos)}, "subsets": [subset]})
    with pytest.raises(BappsmithError, match="'brighten' was not defined in a file"):
        generate(recipe, tmp_path / "out")


def test_a_worker_with_another_library_is_refused(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    here = run_module.pixel_versions([])
    monkeypatch.setattr(run_module, "pixel_versions", lambda planners: {**here, "numpy": "0.9"})
    with pytest.raises(BappsmithError, match=rf"worker has numpy {here['numpy']}, the run was started with 0\.9"):
        generate(small(photos), tmp_path / "out", workers=2)


def test_a_second_run_into_one_folder_is_refused(tmp_path: Path, photos: Path):
    generate(small(photos), tmp_path / "other")
    run = Dataset(tmp_path / "other").run
    with (
        DatasetLog(tmp_path / "out").making(run),
        pytest.raises(BappsmithError, match="another run is writing to"),
    ):
        generate(small(photos), tmp_path / "out")
    assert generate(small(photos), tmp_path / "out").new_items == 1150


@pytest.mark.parametrize("stray", ["2afc/train/small/p0/900000.png", "2afc/train/old/x.png", "2afc/notes.txt"])
def test_strangers_at_any_depth_are_not_sealed(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, stray: str
):
    real = run_module.make_shard

    def with_stray(task: shard_module.ShardTask) -> shard_module.ShardResult:
        path = tmp_path / "out" / stray
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return real(task)

    monkeypatch.setattr(run_module, "make_shard", with_stray)
    with pytest.raises(BappsmithError, match="not of this dataset"):
        generate(small(photos), tmp_path / "out")
    assert not (tmp_path / "out" / "seal.json").exists()


def test_where_photographs_lay_is_not_sealed(made: Path, tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(photos.parent)
    generate(small(photos), tmp_path / "relative", photos=f"./{photos.name}")
    assert tree(tmp_path / "relative") == tree(made)
    assert str(photos.parent) not in (made / "seal.json").read_text() + (made / "recipe.yaml").read_text()
    generate(small(photos), tmp_path / "glob", photos=f"{photos}/*.png")
    assert Recipe.load(tmp_path / "glob" / "recipe.yaml").sources.path == f"{photos.name}/*.png"


def test_output_beside_globbed_photographs_is_allowed(tmp_path: Path, photos: Path):
    shutil.copytree(photos, tmp_path / "photos")
    generate(small(photos), tmp_path / "photos" / "data", photos=f"{tmp_path}/photos/*.png")
    with pytest.raises(BappsmithError, match="inside the folder of the photographs"):
        generate(small(photos), tmp_path / "photos" / "more", photos=f"{tmp_path}/photos/**/*.png")


def test_the_card_counts_the_photographs_that_are_used(tmp_path: Path, photos: Path):
    generate(small(photos).model_copy(update={"patch": 95}), tmp_path / "out")
    assert (
        "5, listed in `sources.json`: 2 for train, 2 for val; none in both; 1 too small"
        in (tmp_path / "out" / "README.md").read_text()
    )


def test_one_photograph_is_held_at_a_time_where_they_are_large(
    made: Path, tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(decoded, "CACHE_BYTES", 1)
    held: list[int] = []
    real = shard_module.render

    def watch(records, read):
        state = read.__self__
        return real(records, lambda name: (read(name), held.append(len(state._decoded)))[0])

    monkeypatch.setattr(shard_module, "render", watch)
    generate(small(photos), tmp_path / "out")
    assert set(held) == {1}
    assert tree(tmp_path / "out") == tree(made)


def test_workers_and_a_scheduler_exclude_each_other(tmp_path: Path, photos: Path):
    with pytest.raises(BappsmithError, match="give one of workers"):
        generate(small(photos), tmp_path / "out", workers=2, scheduler="tcp://127.0.0.1:9")
