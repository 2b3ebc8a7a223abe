"""The whole road: the same bytes however a dataset is made, refusals before anything is read, nothing done twice."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import fsspec
import numpy as np
import pytest
from distributed import Client

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import read_subset
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline import generate as module
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.replay import replay
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import PHOTOGRAPHS, generate
from bappsmith.pipeline.shard import ShardResult, ShardTask
from bappsmith.pipeline.sources import batch
from bappsmith.pipeline.workers import clusters, map_unordered
from bappsmith.pipeline.workers.clusters import local_client

from .workers.clusters import running

Tree = Callable[[Path], dict[str, str]]
JPEG = {"operators": ["jpeg"], "length": [1]}


def two_shards(photos: Path) -> Recipe:
    """Two shards of four items."""
    subsets = [{"path": f"2afc/train/{name}", "triplets": 4, "distort": JPEG} for name in ("a", "b")]
    return Recipe.from_dict({"name": "two", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets})


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photographs that the index opens."""
    names: list[str] = []
    real = batch.read_photograph
    monkeypatch.setattr(batch, "read_photograph", lambda store, name: (names.append(name), real(store, name))[1])
    return names


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photographs that the index decodes."""
    names: list[str] = []
    real = batch.decode
    monkeypatch.setattr(batch, "decode", lambda data, name, limit: (names.append(name), real(data, name, limit))[1])
    return names


@pytest.fixture(scope="module")
def processes() -> Iterator[Client]:
    """Two processes that do the work of several runs, one after the other."""
    with local_client(2) as client:
        yield client


@pytest.fixture
def on_processes(processes: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """`workers=2` means the two processes that are there."""

    @contextmanager
    def same_client(workers: int) -> Iterator[Client]:
        assert workers == 2
        yield processes

    monkeypatch.setattr(clusters, "local_client", same_client)


def own_operator(photos: Path, name: str) -> Recipe:
    """A recipe of an operator that is not bappsmith's own."""
    distort = {"operators": [name], "length": [1]}
    subsets = [{"path": f"2afc/{split}/own", "triplets": 8, "distort": distort} for split in ("train", "val")]
    return Recipe.from_dict({"name": "own", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets})


def interrupted(
    recipe: Recipe, out: Path, shards: int, monkeypatch: pytest.MonkeyPatch, form: Form = "folders"
) -> None:
    """A run that is interrupted when so many shards are made."""
    real, left = module.make_shard, [shards]

    def make_shard(task: ShardTask) -> object:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(task)

    with monkeypatch.context() as patch:
        patch.setattr(module, "make_shard", make_shard)
        with pytest.raises(KeyboardInterrupt):
            generate(recipe, out, form=form)


@pytest.mark.parametrize(
    ("subset", "words"),
    [
        ({"distort": {"operators": ["jpg"]}}, "unknown operator 'jpg'"),
        ({"distort": {"families": ["blurr"]}}, "unknown family 'blurr'"),
        ({"distort": {**JPEG, "exclude": ["jpeg"]}}, "no chain of length 1"),
        ({"distort": {**JPEG, "length": [2]}}, "no chain of length 2"),
        ({"distort": JPEG, "judge": {"kind": "context", "ranking": ["contrast", "shift"]}}, "the ranking lacks jpeg"),
        (
            {"distort": JPEG, "judge": {"kind": "context", "ranking": ["jpg", "jpeg"]}},
            "unknown operator in the ranking 'jpg'",
        ),
        ({"distort": JPEG, "pairing": "different-operators"}, "needs two different operators"),
    ],
)
def test_an_impossible_recipe_is_refused_before_the_first_photograph_is_read(
    photos: Path, tmp_path: Path, opened: list[str], subset: dict[str, Any], words: str
):
    facts = {"name": "x", "patch": 32, "sources": {"path": str(photos)}}
    recipe = Recipe.from_dict({**facts, "subsets": [{"path": "2afc/train/a", "triplets": 4, **subset}]})
    with pytest.raises(BappsmithError, match=words):
        generate(recipe, tmp_path / "data")
    assert opened == []
    assert not (tmp_path / "data").exists()


def test_wrong_options_are_refused_before_the_first_photograph_is_read(photos: Path, tmp_path: Path, opened: list[str]):
    for options, words in (
        ({"form": "zip"}, "form must be one of"),
        ({"workers": 0}, "workers must be at least 1"),
        ({"plugins": [tmp_path / "none.py"]}, "none.py"),
        ({"workers": 2, "scheduler": "tcp://127.0.0.1:1"}, "give one of workers"),
    ):
        with pytest.raises(BappsmithError, match=words):
            generate(two_shards(photos), tmp_path / "data", **options)  # type: ignore[arg-type]
    with pytest.raises(BappsmithError, match="lies inside the folder of the photographs"):
        generate(two_shards(photos), photos / "data")
    assert opened == []
    assert not (tmp_path / "data").exists()


def test_a_form_that_an_address_cannot_hold_leaves_nothing_there(photos: Path, opened: list[str]):
    memory = fsspec.filesystem("memory")
    try:
        with pytest.raises(BappsmithError, match="form packed needs a folder on this machine"):
            generate(two_shards(photos), "memory://x", form="packed")
        assert memory.find("/x") == []
        assert opened == []
        generate(two_shards(photos), "memory://x", form="tar")
        assert verify("memory://x").clean
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]


def test_a_resumed_run_opens_no_photograph_for_the_index(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str], tree: Tree
):
    out = tmp_path / "data"
    interrupted(two_shards(photos), out, 1, monkeypatch)
    assert sorted(opened) == sorted(os.listdir(photos))
    assert (out / PHOTOGRAPHS).is_file()
    opened.clear()
    assert generate(two_shards(photos), out).new_items == 4
    assert opened == []
    assert not (out / PHOTOGRAPHS).exists()
    generate(two_shards(photos), tmp_path / "whole")
    assert tree(out) == tree(tmp_path / "whole")


@pytest.mark.parametrize("damage", ["lost", "flipped", "cut"])
def test_a_damaged_cache_is_made_again(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str], damage: str
):
    out = tmp_path / "data"
    interrupted(two_shards(photos), out, 0, monkeypatch)
    cache = out / PHOTOGRAPHS
    whole = cache.read_bytes()
    opened.clear()
    if damage == "lost":
        cache.unlink()
    else:
        cache.write_bytes(whole[:-9] if damage == "cut" else whole.replace(b'"height": 9', b'"height": 8'))
        assert cache.read_bytes() != whole
    interrupted(two_shards(photos), out, 0, monkeypatch)
    assert len(opened) == 5
    assert cache.read_bytes() == whole


def test_a_photograph_that_changed_meanwhile_is_noticed(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(photos, tmp_path / "photos")
    recipe, changed = two_shards(tmp_path / "photos"), tmp_path / "photos" / "photo0.png"
    interrupted(recipe, tmp_path / "data", 0, monkeypatch)
    before = changed.stat()
    content = changed.read_bytes()
    shutil.copy(photos / "photo1.png", changed)
    with pytest.raises(BappsmithError, match="photographs differ"):
        generate(recipe, tmp_path / "data")
    # Equal size and time: the index does not see it, the shard does.
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(BappsmithError, match=r"photo0\.png in .* is not the file that was indexed"):
        generate(recipe, tmp_path / "data")


def test_a_finished_dataset_is_compared_without_decoding(photos: Path, tmp_path: Path, decoded: list[str], tree: Tree):
    shutil.copytree(photos, tmp_path / "photos")
    recipe, out = two_shards(tmp_path / "photos"), tmp_path / "data"
    generate(recipe, out)
    before = tree(out)
    decoded.clear()
    assert generate(recipe, out).new_items == 0
    assert decoded == []
    assert tree(out) == before
    shutil.copy(photos / "photo1.png", tmp_path / "photos" / "photo0.png")
    with pytest.raises(BappsmithError, match="photographs differ"):
        generate(recipe, out)
    assert decoded == ["photo0.png"]


@pytest.mark.slow
def test_one_cluster_serves_index_and_shards(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    started: list[int] = []
    calls: list[str] = []
    real = clusters.local_client

    @contextmanager
    def local_client(workers: int) -> Iterator[Any]:
        started.append(workers)
        with real(workers) as client:
            submit = client.map
            client.map = lambda function, *given, **named: (
                calls.append(function.args[0].__name__),
                submit(function, *given, **named),
            )[1]
            yield client

    monkeypatch.setattr(clusters, "local_client", local_client)
    monkeypatch.setattr(batch, "read_photograph", None)  # in this process none is read
    generate(two_shards(photos), tmp_path / "data", workers=2)
    assert started == [2]
    assert list(dict.fromkeys(calls)) == ["index_batch", "make_shard"]


def test_the_layout_is_that_of_bapps(made: Path):
    # Written from the published layout, without the project's own reader.
    for subset, count, folders, label in (
        ("2afc/train/small", 520, ("ref", "p0", "p1"), "judge"),
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
        assert ((labels >= 0) & (labels <= 1)).all()
        if label == "same":
            assert set(np.unique(labels)) <= {0, np.float32(1 / 3), np.float32(2 / 3), 1}
    assert len(read_subset(made / "2afc/train/small")) == 520


@pytest.mark.slow
def test_two_workers_give_the_same_bytes_and_leave_the_process_as_it_was(
    made: Path, tmp_path: Path, small: Recipe, monkeypatch: pytest.MonkeyPatch, tree: Tree
):
    monkeypatch.setattr(map_unordered, "TASKS_PER_THREAD", 1)  # so that not all shards are in flight at once
    before = dict(os.environ)
    threads = cv2.getNumThreads()
    result = generate(small, tmp_path / "two", workers=2)
    assert (result.items, result.new_items) == (570, 570)
    assert tree(tmp_path / "two") == tree(made)
    assert dict(os.environ) == before
    assert cv2.getNumThreads() == threads


def test_a_running_scheduler_gives_the_same_bytes(made_tiny: Path, tmp_path: Path, tiny: Recipe, tree: Tree):
    with running() as cluster:
        generate(tiny, tmp_path / "remote", scheduler=cluster.scheduler_address)
    assert tree(tmp_path / "remote") == tree(made_tiny)


@pytest.mark.parametrize("form", FORMS)
def test_a_dataset_made_in_a_form_is_one_converted_to_it(
    made_tiny: Path, tiny: Recipe, tmp_path: Path, form: Form, tree: Tree
):
    generate(tiny, tmp_path / "made", form=form)
    convert(made_tiny, tmp_path / "converted", form)
    assert tree(tmp_path / "made") == tree(tmp_path / "converted")


@pytest.mark.parametrize("form", ["folders", "tar", "parquet"])
def test_an_address_holds_what_a_folder_holds(tiny: Recipe, photos: Path, tmp_path: Path, form: Form, tree: Tree):
    memory = fsspec.filesystem("memory")
    memory.put(str(photos), "/photos", recursive=True)
    try:
        generate(tiny, "memory://data", photos="memory://photos", form=form)
        generate(tiny, tmp_path / "plain", form=form)
        stored = {name.split("/", 2)[2]: memory.cat_file(name) for name in memory.find("/data")}
        plain = tree(tmp_path / "plain")
        assert set(stored) == set(plain)
        # Where photographs lay is the folder's name alone: "photos" here, "photos0" there.
        for name in set(plain) - {"seal.json", "recipe.yaml"}:
            assert hashlib.sha256(stored[name]).hexdigest() == plain[name]
        assert verify("memory://data").clean
        assert generate(tiny, "memory://data", photos="memory://photos", form=form).new_items == 0
        assert replay("memory://data", "2afc/train/tiny", 5, photos="memory://photos").exact
        other = "tar" if form == "folders" else "folders"
        with pytest.raises(BappsmithError, match=f"form {form} → {other} differs"):
            generate(tiny, "memory://data", photos="memory://photos", form=other)
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]


def test_addresses_that_cannot_be_used_are_named(tiny: Recipe, photos: Path):
    memory = fsspec.filesystem("memory")
    memory.put(str(photos), "/photos", recursive=True)
    try:
        for out, place, words in (
            ("memory://photos/out", "memory://photos", "lies inside the folder of the photographs"),
            ("memory://out", "memory://nothing", "no photograph found among 0 files"),
            ("nosuch://x", None, "nosuch://x"),
        ):
            with pytest.raises(BappsmithError, match=words):
                generate(tiny, out, photos=place)
        assert memory.find("/out") == []
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]


def test_a_file_system_without_rename_gets_the_same_files(
    made_tiny: Path, tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: Tree
):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "replace", refuse)
    generate(tiny, tmp_path / "data")
    assert tree(tmp_path / "data") == tree(made_tiny)


@pytest.mark.slow
@pytest.mark.parametrize("damage", [False, True])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    made: Path, tmp_path: Path, small: Recipe, monkeypatch: pytest.MonkeyPatch, tree: Tree, damage: bool
):
    out = tmp_path / "stopped"
    interrupted(small, out, 2, monkeypatch)
    with pytest.raises(BappsmithError, match=r"not finished.*generate"):
        verify(out)
    # A shard whose images arrived, but whose entry did not; and one that lost a file or was damaged since.
    (out / "2afc/val/small/p0").mkdir(parents=True)
    (out / "2afc/val/small/p0/000004.png").write_bytes(b"half")
    if damage:
        (out / "2afc/train/small/ref/000100.png").write_bytes(b"half")
    else:
        (out / "2afc/train/small/ref/000100.png").unlink()
    (out / ".bappsmith" / "tmp-left-behind").mkdir()
    result = generate(small, out)
    assert result.new_items == 570 - 8
    assert tree(out) == tree(made)


@pytest.mark.parametrize("form", ["tar", "packed", "parquet"])
def test_damage_to_a_finished_shard_of_an_unfinished_run_is_mended(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: Tree, form: Form
):
    generate(two_shards(photos), tmp_path / "whole", form=form)
    out = tmp_path / "data"
    interrupted(two_shards(photos), out, 1, monkeypatch, form)
    (path,) = (path for path in (out / "2afc/train/a").rglob("*") if path.is_file())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert generate(two_shards(photos), out, form=form).new_items == 8
    assert tree(out) == tree(tmp_path / "whole")


def test_a_finished_dataset_is_left_alone(copy: Path, tiny: Recipe):
    before = {p: p.stat().st_mtime_ns for p in copy.rglob("*")}
    assert generate(tiny, copy).new_items == 0
    assert {p: p.stat().st_mtime_ns for p in copy.rglob("*")} == before


def test_a_log_left_behind_by_a_kill_after_sealing_is_removed(copy: Path, tiny: Recipe):
    (copy / ".bappsmith" / "entries").mkdir(parents=True)
    (copy / ".bappsmith" / "begin.json").write_text("{}")
    assert verify(copy).additional == (".bappsmith/begin.json", ".bappsmith/entries/")
    assert generate(tiny, copy).new_items == 0
    assert verify(copy).clean


def test_a_damaged_seal_over_good_shards_is_finished_again(copy: Path, made_tiny: Path, tiny: Recipe, tree: Tree):
    # As after a power cut: the file is there, and empty.
    (copy / "seal.json").write_bytes(b"")
    assert generate(tiny, copy).new_items == 0
    assert tree(copy) == tree(made_tiny)


def test_a_dataset_inside_the_photographs_is_refused(tmp_path: Path, tiny: Recipe, photos: Path):
    shutil.copytree(photos, tmp_path / "photos")
    with pytest.raises(BappsmithError, match="inside the folder of the photographs"):
        generate(tiny, tmp_path / "photos" / "data", photos=str(tmp_path / "photos"))
    assert not (tmp_path / "photos" / "data").exists()


def test_another_recipe_or_other_photographs_are_refused(copy: Path, tiny: Recipe, photos: Path, tmp_path: Path):
    other = tiny.model_copy(update={"seed": 8})
    with pytest.raises(BappsmithError, match=r"another dataset: recipe differs"):
        generate(other, copy)
    fewer = tmp_path / "fewer"
    shutil.copytree(photos, fewer)
    (fewer / "photo0.png").unlink()
    with pytest.raises(BappsmithError, match="photographs differs"):
        generate(tiny, copy, photos=str(fewer))


def test_a_folder_with_something_else_is_refused(tmp_path: Path, tiny: Recipe):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BappsmithError, match=r"do not belong to a bappsmith dataset \(thesis\.tex\)"):
        generate(tiny, tmp_path)
    assert os.listdir(tmp_path) == ["thesis.tex"]


def test_photographs_may_move(copy: Path, tiny: Recipe, photos: Path, tmp_path: Path):
    shutil.copytree(photos, tmp_path / "moved")
    assert generate(tiny, copy, photos=str(tmp_path / "moved")).new_items == 0
    assert replay(copy, "2afc/train/tiny", 5, photos=str(tmp_path / "moved")).exact


def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters, "SCHEDULER_TIMEOUT", 1.0)
    with pytest.raises(BappsmithError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        generate(tiny, tmp_path / "none", scheduler="tcp://127.0.0.1:9")


def test_an_operator_that_fails_is_one_line_also_from_a_worker(
    tmp_path: Path, photos: Path, capfd: pytest.CaptureFixture[str], on_processes: None
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
    for workers in (1, 2):
        with pytest.raises(BappsmithError, match=r"'broken' failed at broken_op\.py:11: ZeroDivisionError: on purpose"):
            generate(own_operator(photos, "broken"), tmp_path / "out", plugins=[plugin], workers=workers)
    assert "Traceback" not in capfd.readouterr().err


RESTORERS = '''
import cv2
from bappsmith.distortions import Distortion, Nuisance, Severity, register

class Restorer(Distortion):
    """Reduces an image from a drawn offset, and enlarges it again."""
    source = "test"
    degradation = ("factor", "offset")
    factor = Severity(mild=2, severe=4, unit="factor", whole=True)
    offset = Nuisance(0, 3, unit="px", whole=True)

    def apply(self, image, *, factor, offset, gain):
        size = image.shape[1::-1]
        reduced = cv2.resize(image[offset:, offset:], None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
        return cv2.convertScaleAbs(cv2.resize(reduced, size, interpolation=self.method), alpha=gain)

@register
class RestoreNearest(Restorer):
    """By nearest neighbours."""
    method = cv2.INTER_NEAREST
    gain = Nuisance(0.9, 1.0, unit="gain")

@register
class RestoreCubic(Restorer):
    """By a cubic."""
    method = cv2.INTER_CUBIC
    gain = Nuisance(1.0, 1.1, unit="gain")
'''


def test_two_restorations_of_one_degraded_image_are_made_alike_on_workers_and_replayed(
    tmp_path: Path, photos: Path, tree: Tree, on_processes: None
):
    plugin = tmp_path / "restorers.py"
    plugin.write_text(RESTORERS)
    judge = {"kind": "context", "ranking": ["restore_cubic", "restore_nearest"]}
    distort = {"operators": ["custom"], "length": [1]}
    subsets = [
        {"path": f"2afc/{split}/a", "triplets": 8, "pairing": "same-degradation", "distort": distort, "judge": judge}
        for split in ("train", "val")
    ]
    recipe = Recipe.from_dict({"name": "a", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets})
    generate(recipe, tmp_path / "one", plugins=[plugin])
    generate(recipe, tmp_path / "two", plugins=[plugin], workers=2)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    for index in range(8):
        again = replay(tmp_path / "one", "2afc/val/a", index, photos=str(photos), plugins=[plugin])
        assert again.exact
        assert again.same_bytes
        (first,), (second,) = again.record.chain0.calls, again.record.chain1.calls
        assert {first.name, second.name} == {"restore_cubic", "restore_nearest"}
        assert all(first.params[key] == second.params[key] for key in ("factor", "offset"))
        assert again.judgment == (first.name == "restore_nearest")


def test_a_finished_dataset_keeps_the_operators_that_its_families_had(tmp_path: Path, photos: Path):
    plugin = tmp_path / "grown.py"
    plugin.write_text(f"{RESTORERS}\n\nRestoreNearest.family = 'compression'\n")
    subset = {"path": "2afc/train/a", "triplets": 12, "distort": {"families": ["compression", "blur"]}}
    recipe = Recipe.from_dict({"name": "a", "patch": 32, "sources": {"path": str(photos)}, "subsets": [subset]})
    out = tmp_path / "out"
    generate(recipe, out)
    assert generate(out / "recipe.yaml", out, photos=photos, plugins=[plugin]).new_items == 0
    assert all(replay(out, "2afc/train/a", i, photos=str(photos), plugins=[plugin]).exact for i in range(12))
    with pytest.raises(BappsmithError, match="recipe"):
        generate(recipe, out, plugins=[plugin])


def test_a_plugin_makes_the_same_bytes_on_workers_also_when_it_was_edited(
    tmp_path: Path, photos: Path, tree: Tree, on_processes: None
):
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
    recipe = own_operator(photos, "posterise")
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
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, on_processes: None
):
    # As an operator of an importable module: registered here by its import, which workers do not do.
    (tmp_path / "my_module.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    __import__("my_module")
    recipe = own_operator(photos, "brighten")
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
    with pytest.raises(BappsmithError, match="'brighten' was not defined in a file"):
        generate(own_operator(photos, "brighten"), tmp_path / "out")


def test_a_worker_with_another_library_is_refused(
    tmp_path: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch, on_processes: None
):
    here = module.pixel_versions([])
    monkeypatch.setattr(module, "pixel_versions", lambda planners: {**here, "numpy": "0.9"})
    with pytest.raises(BappsmithError, match=rf"worker has numpy {here['numpy']}, the run was started with 0\.9"):
        generate(tiny, tmp_path / "out", workers=2)


def test_a_second_run_into_one_folder_is_refused(tmp_path: Path, made_tiny: Path, tiny: Recipe):
    run = Dataset(made_tiny).run
    with (
        DatasetLog(tmp_path / "out").making(run),
        pytest.raises(BappsmithError, match="another run is writing to"),
    ):
        generate(tiny, tmp_path / "out")
    assert generate(tiny, tmp_path / "out").new_items == 19


@pytest.mark.parametrize("stray", ["2afc/train/tiny/p0/900000.png", "2afc/train/old/x.png", "2afc/notes.txt"])
def test_strangers_at_any_depth_are_not_sealed(
    tmp_path: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch, stray: str
):
    real = module.make_shard

    def with_stray(task: ShardTask) -> ShardResult:
        path = tmp_path / "out" / stray
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return real(task)

    monkeypatch.setattr(module, "make_shard", with_stray)
    with pytest.raises(BappsmithError, match="not part of this dataset"):
        generate(tiny, tmp_path / "out")
    assert not (tmp_path / "out" / "seal.json").exists()


def test_where_photographs_lay_is_not_sealed(
    made_tiny: Path, tmp_path: Path, tiny: Recipe, photos: Path, monkeypatch: pytest.MonkeyPatch, tree: Tree
):
    monkeypatch.chdir(photos.parent)
    generate(tiny, tmp_path / "relative", photos=f"./{photos.name}")
    assert tree(tmp_path / "relative") == tree(made_tiny)
    assert str(photos.parent) not in (made_tiny / "seal.json").read_text() + (made_tiny / "recipe.yaml").read_text()
    generate(tiny, tmp_path / "glob", photos=f"{photos}/*.png")
    assert Recipe.load(tmp_path / "glob" / "recipe.yaml").sources.path == f"{photos.name}/*.png"


def test_output_beside_globbed_photographs_is_allowed(tmp_path: Path, tiny: Recipe, photos: Path):
    shutil.copytree(photos, tmp_path / "photos")
    generate(tiny, tmp_path / "photos" / "data", photos=f"{tmp_path}/photos/*.png")
    with pytest.raises(BappsmithError, match="inside the folder of the photographs"):
        generate(tiny, tmp_path / "photos" / "more", photos=f"{tmp_path}/photos/**/*.png")
