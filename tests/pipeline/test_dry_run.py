"""A dry run says what a run makes, refuses what it refuses, and writes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.store.store import WORK
from bappsmith.pipeline.dry_run import dry_run
from bappsmith.pipeline.generate import generate


def tree(folder: Path) -> set[str]:
    return {f"{path} {path.stat().st_mtime_ns}" for path in [folder, *folder.rglob("*")]}


def test_counts_are_those_of_the_dataset(tiny: Recipe, made_tiny: Path, tmp_path: Path) -> None:
    planned = dry_run(tiny, tmp_path / "new")
    dataset = Dataset(made_tiny)
    assert {subset.path: subset.items for subset in planned.subsets} == {p: len(dataset[p]) for p in dataset}
    applied: dict[str, int] = {}
    for path in dataset:
        subset = dataset[path]
        for index in range(len(subset)):
            plan = subset.row(index).plan
            for name in (*plan.chain0.names, *plan.chain1.names):
                applied[name] = applied.get(name, 0) + 1
    assert planned.operators() == applied  # the whole plan was drawn
    assert list(planned.operators().values()) == sorted(applied.values(), reverse=True)
    assert [subset.judge for subset in planned.subsets] == ["scale", "severity", "psychometric"]
    assert not planned.finished
    assert all(subset.done == 0 and subset.seconds > 0 for subset in planned.subsets)
    assert list(tmp_path.iterdir()) == []


def test_photographs_are_counted_by_their_split(small: Recipe, made: Path, tmp_path: Path) -> None:
    planned = dry_run(small, tmp_path / "new")
    dataset = Dataset(made)
    assert planned.photographs["too small"] == 0
    for subset in planned.subsets:
        used = {dataset[subset.path].row(index).plan.photo for index in range(subset.items)}
        split = subset.path.split("/")[1]
        assert len(used) <= subset.photographs == planned.photographs[split]


@pytest.mark.parametrize("form", FORMS)
def test_bytes_are_about_those_that_are_written(tiny: Recipe, tmp_path: Path, form: Form) -> None:
    planned = dry_run(tiny, tmp_path / "data", form=form)
    generate(tiny, tmp_path / "data", form=form)
    own = [f for f in (tmp_path / "data").rglob("*") if f.is_file()]
    stored = [f for f in own if f.relative_to(tmp_path / "data").parts[0] in ("2afc", "jnd", "data")]
    written = sum(f.stat().st_size for f in stored)
    assert sum(subset.bytes for subset in planned.subsets) == pytest.approx(written, rel=0.15)


def test_what_is_there_is_counted_and_nothing_changes(tiny: Recipe, made_tiny: Path, tmp_path: Path) -> None:
    before = tree(made_tiny)
    planned = dry_run(tiny, made_tiny)
    assert planned.finished
    assert all(subset.done == subset.items and subset.seconds == 0 for subset in planned.subsets)
    assert tree(made_tiny) == before


def test_a_begun_dataset_is_counted_by_its_shards(
    small: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "begun"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bappsmith.manifests.dataset_log.DatasetLog.seal", killed)
    with pytest.raises(KeyboardInterrupt):
        generate(small, out)
    next((out / WORK / "entries").rglob("000001.parquet")).unlink()
    before = tree(out)
    planned = dry_run(small, out)
    assert [subset.done for subset in planned.subsets] == [512, 20, 30]
    assert [subset.seconds > 0 for subset in planned.subsets] == [True, False, False]
    assert tree(out) == before


def test_what_a_run_refuses_is_refused(tiny: Recipe, made_tiny: Path, photos: Path, tmp_path: Path) -> None:
    other = tiny.model_copy(update={"seed": 8})
    shutil.copytree(photos, tmp_path / "photos")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("mine")
    cases: list[tuple[dict[str, object], str]] = [
        ({"recipe": other, "out": made_tiny}, "recipe differ"),
        ({"out": tmp_path / "notes"}, "a.txt"),
        ({"out": tmp_path / "photos" / "out", "photos": tmp_path / "photos"}, "inside the folder of the photographs"),
        ({"photos": tmp_path / "nowhere"}, "no such folder"),
        ({"form": "zip"}, "form must be one of"),
        ({"workers": 0}, "workers must be at least 1"),
        ({"workers": 2, "scheduler": "tcp://127.0.0.1:1"}, "more than one"),
        ({"plugins": ["missing.py"]}, "no such file"),
        ({"recipe": "quickstart"}, "denoiser"),
    ]
    for change, words in cases:
        arguments: dict[str, object] = {"recipe": tiny, "out": tmp_path / "new", **change}
        messages = []
        for function in (dry_run, generate):
            with pytest.raises(BappsmithError) as refused:
                function(**arguments)  # type: ignore[arg-type]
            messages.append(str(refused.value))
        assert messages[0] == messages[1]
        assert words in messages[0]
    assert not (tmp_path / "new").exists()
