"""Whatever a dataset's files hold, reading it gives what is there or one line that names the damage."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bappsmith.manifests.dataset import Dataset, open_subset
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form, storage
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.run import Run
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.local import LocalStore
from bappsmith.pipeline.datasets.info import info
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

from .power_cut import files_below

TRAIN = SubsetPath.parse("2afc/train/a")
how_often = pytest.mark.parametrize("examples", [25, pytest.param(300, marks=pytest.mark.slow)])
rarely = pytest.mark.parametrize("examples", [10, pytest.param(100, marks=pytest.mark.slow)])
"""Where every example reads a whole dataset."""


@pytest.fixture(scope="module")
def whole(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Path]:
    """Form → a finished dataset of three items."""
    root = tmp_path_factory.mktemp("whole")
    distort = {"operators": ["lightness_shift", "saturation"], "length": [1]}
    subsets = [
        {"path": "2afc/train/a", "triplets": 2, "distort": distort},
        {"path": "jnd/val/a", "pairs": 1, "distort": distort},
    ]
    facts = {"name": "a", "seed": 5, "patch": 16, "sources": {"path": str(photos)}, "subsets": subsets}
    for form in FORMS:
        generate(Recipe.from_dict(facts), root / form, form=form)
    return {form: root / form for form in FORMS}


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A dataset that may be harmed."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copytree(root, Path(folder, "data")))


@contextmanager
def one_line() -> Iterator[None]:
    """An error is a BappsmithError of one line of readable length; any other is a defect."""
    try:
        yield
    except BappsmithError as error:
        text = str(error)
        assert text.isprintable()
        assert len(text) < 1500


def use(root: Path) -> None:
    """Read everything that a dataset holds."""
    with one_line():
        verify(root)
    with one_line():
        info(root)
    with one_line():
        sample(root, root.with_name("sample"), 0.5, form="tar")
    with one_line():
        merge([root, root], root.with_name("merged"))
    with one_line():
        _ = open_subset(root / "2afc/train/a")[0]
    with one_line():
        dataset = Dataset(root)
        with one_line():
            _ = dataset.run
        for path in dataset:
            subset = dataset[path]
            for act in (lambda subset: subset[0], lambda subset: list(subset.rows()), lambda subset: subset.row(0)):
                with one_line():
                    act(subset)
            for labelling in subset.labellings():
                with one_line():
                    subset.labels(labelling)
        with one_line():
            judge_dataset(root, JudgeSpec(kind="severity"), "new")


def fuzz(examples: int, **strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], None]:
    """Run a function on many examples."""
    healthy = [HealthCheck.too_slow, HealthCheck.data_too_large]

    def run(test: Callable[..., None]) -> None:
        settings(max_examples=examples, deadline=None, suppress_health_check=healthy)(given(**strategies)(test))()

    return run


numbers = st.integers() | st.floats() | st.sampled_from([10**4000, -1, 2**31, 2**63, 1e308, 10**6, 10**12])
texts = st.text(max_size=20) | st.sampled_from(
    ["../../etc/passwd", "/dev/zero", "\ud800", "a\nb", "\0", "x" * 5000, ".", ""]
)
leaves = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=4
)
changes = st.lists(
    st.tuples(st.lists(st.integers(0, 1000), min_size=1, max_size=6), values | st.just("DELETE")),
    min_size=1,
    max_size=3,
)
"""Ways down a tree, and what to put there."""


def changed(data: Any, change: list[tuple[list[int], Any]]) -> Any:
    """JSON values with other values, or without some."""
    data = json.loads(json.dumps(data))
    for way, value in change:
        parent, key, there = None, None, data
        for step in way:
            if not isinstance(there, dict | list) or not there:
                break
            parent, key = there, list(there)[step % len(there)] if isinstance(there, dict) else step % len(there)
            there = parent[key]
        if parent is not None and value == "DELETE":
            del parent[key]
        elif parent is not None:
            parent[key] = value
    return data


def sealed(data: Any) -> bytes:
    """With the hash of it that an attacker would write, and characters that UTF-8 lacks."""
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return json.dumps({**data, "sha256_of_the_rest": digest}).encode()


@rarely
def test_seals_with_other_values_and_a_hash_that_fits(whole: dict[Form, Path], examples: int):
    originals = {form: Dataset(root).finished.data for form, root in whole.items()}

    @fuzz(examples, form=st.sampled_from(FORMS), change=changes)
    def _(form: Form, change: list[tuple[list[int], Any]]) -> None:
        with copied(whole[form]) as root:
            (root / "seal.json").write_bytes(sealed(changed(originals[form], change)))
            use(root)


@rarely
def test_a_log_with_other_values_and_a_hash_that_fits(whole: dict[Form, Path], photos: Path, examples: int):
    run = Dataset(whole["tar"]).run
    begin = {"kind": "dataset", "parts": run.work_parts(), "facts": run.to_json()}

    @fuzz(examples, change=changes, finished=st.booleans(), data=st.binary(max_size=30) | st.none())
    def _(change: list[tuple[list[int], Any]], finished: bool, data: bytes | None) -> None:
        with copied(whole["tar"]) as root:
            (root / ".bappsmith").mkdir()
            (root / ".bappsmith/begin.json").write_bytes(sealed(changed(begin, change)) if data is None else data)
            if not finished:
                (root / "seal.json").unlink()
            with one_line():
                DatasetLog(root).run()
            with one_line():
                DatasetLog(root).refuse_misfit(run.work_parts())
            use(root)


@how_often
def test_facts_with_other_values(whole: dict[Form, Path], examples: int):
    facts = Dataset(whole["tar"]).run.to_json()
    facts |= {"parents": [Dataset(whole["tar"]).run.as_parent()], "selection": "0" * 64}

    @fuzz(examples, change=changes)
    def _(change: list[tuple[list[int], Any]]) -> None:
        with one_line():
            run = Run.from_json(changed(facts, change))
            run.fingerprint()
            with suppress(BappsmithError):
                run.parent(run.parents[0]["fingerprint"] if run.parents else "")


harm = st.tuples(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=20),
    st.floats(0, 1) | st.just(1.0),
    st.binary(max_size=20),
)
"""Bytes that are changed, by place; the share that stays; what follows."""


def harmed(data: bytes, harm: tuple[list[tuple[float, int]], float, bytes]) -> bytes:
    changes, share, more = harm
    content = bytearray(data)
    for place, value in changes:
        if content:
            content[int(place * len(content))] = value
    return bytes(content[: int(share * len(content))]) + more


@rarely
def test_any_file_with_other_bytes(whole: dict[Form, Path], examples: int):
    @fuzz(examples, form=st.sampled_from(FORMS), which=st.integers(0, 1000), harm=harm)
    def _(form: Form, which: int, harm: tuple[list[tuple[float, int]], float, bytes]) -> None:
        with copied(whole[form]) as root:
            files = sorted(files_below(root))
            file = files[which % len(files)]
            file.write_bytes(harmed(file.read_bytes(), harm))
            use(root)


@rarely
def test_tables_with_other_bytes(whole: dict[Form, Path], examples: int):
    @fuzz(examples, which=st.integers(0, 3), harm=harm)
    def _(which: int, harm: tuple[list[tuple[float, int]], float, bytes]) -> None:
        with copied(whole["tar"]) as root:
            file = sorted(root.rglob("*.parquet"))[which]
            file.write_bytes(harmed(file.read_bytes(), harm))
            use(root)


@how_often
def test_entries_with_other_bytes_are_not_intact_or_as_they_were(
    whole: dict[Form, Path], tmp_path: Path, examples: int
):
    root = Path(shutil.copytree(whole["tar"], tmp_path / "data"))
    run = Dataset(root).run
    (root / "seal.json").write_bytes(b"")
    log = DatasetLog(root)
    stored = log.storage(run.recipe, "tar", TRAIN)
    with log.making(run):
        pass
    entry = root / log.entry("2afc-train-a", 0, "parquet")
    original = entry.read_bytes()
    assert log.intact(TRAIN, 0, run.fingerprint(), stored)

    @fuzz(examples, harm=harm)
    def _(harm: tuple[list[tuple[float, int]], float, bytes]) -> None:
        entry.write_bytes(harmed(original, harm))
        assert log.intact(TRAIN, 0, run.fingerprint(), stored) in (True, False)


@how_often
@pytest.mark.parametrize("form", FORMS)
def test_items_of_damaged_files_are_what_can_be_read(
    whole: dict[Form, Path], tmp_path: Path, form: Form, examples: int
):
    root = Path(shutil.copytree(whole[form], tmp_path / "data"))
    files = sorted(files_below(root / str(TRAIN)))
    originals = {file: file.read_bytes() for file in files}
    stored = storage(form, LocalStore(root), TRAIN, 2, 16)
    largest = 64 * sum(len(data) for data in originals.values()) + 2**22

    @fuzz(examples, which=st.integers(0, 1000), harm=harm)
    def _(which: int, harm: tuple[list[tuple[float, int]], float, bytes]) -> None:
        file = files[which % len(files)]
        file.write_bytes(harmed(originals[file], harm))
        tracemalloc.start()
        try:
            items = list(stored.read([0, 1]))
            assert tracemalloc.get_traced_memory()[1] < largest
        finally:
            tracemalloc.stop()
            file.write_bytes(originals[file])
        assert [item.index for item in items] == [0, 1]


def replace_file(file: Path, kind: str) -> None:
    """Put something there that is no regular file, or never ends."""
    file.unlink()
    if kind == "sparse":
        file.touch()
        os.truncate(file, 2**40)
    elif kind == "folder":
        file.mkdir()
    elif kind == "device":
        file.symlink_to("/dev/zero")
    elif kind == "link":
        file.symlink_to(file)
    else:
        os.mkfifo(file)


READER = """
import json, sys
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.datasets.verify import verify
for root in sys.argv[1:]:
    try:
        result = verify(root)
        print(json.dumps([*result.changed, *result.missing, *result.additional]))
    except BappsmithError as error:
        print(json.dumps([str(error)]))
    try:
        for subset in Dataset(root).subsets():
            subset[0], list(subset.rows())
    except BappsmithError:
        pass
"""


@pytest.mark.slow
def test_endless_files_and_pipes_are_named_and_never_wait_for(whole: dict[Form, Path], tmp_path: Path):
    roots, names = [], []
    for form in FORMS:
        some = [*files_below(whole[form] / str(TRAIN))[:2], whole[form] / "manifest/2afc-train-a.parquet"]
        some += [whole[form] / name for name in ("labels/recipe/2afc-train-a.parquet", "sources.json", "seal.json")]
        for number, file in enumerate(some):
            for kind in ("sparse", "folder", "device", "link", "fifo"):
                root = Path(shutil.copytree(whole[form], tmp_path / f"{form}-{number}-{kind}"))
                name = file.relative_to(whole[form]).as_posix()
                replace_file(root / name, kind)
                roots.append(root)
                names.append(name)
    # In a process of its own: one that hangs is killed.
    done = subprocess.run(
        [sys.executable, "-c", READER, *map(str, roots)], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    for root, name, said in zip(roots, names, done.stdout.splitlines(), strict=True):
        assert name in said, root


@pytest.mark.parametrize("form", FORMS)
def test_what_does_not_belong_to_a_dataset_is_named(whole: dict[Form, Path], tmp_path: Path, form: Form):
    root = Path(shutil.copytree(whole[form], tmp_path / "data"))
    (root / "2afc/train/a/empty").mkdir()
    (root / "more").mkdir()
    (root / "more/link").symlink_to("/", target_is_directory=True)
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "dangling").symlink_to(root / "nothing")
    os.mkfifo(root / "pipe")
    result = verify(root)
    assert result.additional == ("dangling", "loop", "more/link", "pipe", "2afc/train/a/empty/")
    assert (result.changed, result.missing) == ((), ())
