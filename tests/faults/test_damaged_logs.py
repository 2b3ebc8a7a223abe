"""Seals and entries that are damaged: the same command makes the same dataset, and makes again only what it must."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.dataset_log import DatasetLog
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.relabel import activate, add_labelling
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.pipeline import shard as shard_module
from bappsmith.pipeline.datasets import copy_shard as copy_module
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate

from .interrupt import tree

pytestmark = pytest.mark.slow
ITEMS = 515


def recipe(photos: Path, seed: int = 5) -> Recipe:
    """Two shards of train, and one pair."""
    distort = {"operators": ["lightness_shift", "saturation"], "length": [1]}
    subsets = [
        {"path": "2afc/train/a", "triplets": ITEMS - 1, "distort": distort},
        {"path": "jnd/val/a", "pairs": 1, "distort": distort},
    ]
    facts = {"name": "a", "seed": seed, "patch": 8, "sources": {"path": str(photos)}, "subsets": subsets}
    return Recipe.from_dict(facts)


@pytest.fixture(scope="module")
def whole(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Form → a finished dataset."""
    root = tmp_path_factory.mktemp("whole")
    for form in FORMS:
        generate(recipe(photos), root / form, form=form)
    return {form: root / form for form in FORMS}


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of items of every call that renders, or copies, a shard."""
    calls: list[int] = []
    render, copy = shard_module.render, copy_module._copy
    monkeypatch.setattr(shard_module, "render", lambda plans, read: (calls.append(len(plans)), render(plans, read))[1])
    monkeypatch.setattr(copy_module, "_copy", lambda *given: (calls.append(1), copy(*given))[1])
    return calls


def flipped(data: bytes) -> bytes:
    """One bit of it is another, in the middle of what says something."""
    place = data.index(b'"subsets"') + 3
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "zeros": lambda data: bytes(len(data)),
    "flipped": flipped,
    "counted": lambda data: data.replace(b'"2afc/train/a": 514', b'"2afc/train/a": 513'),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_seal_is_one_line_and_is_made_again_without_rendering(
    whole: dict[str, Path], photos: Path, tmp_path: Path, rendered: list[int], form: Form, damage: str
):
    root = Path(shutil.copytree(whole[form], tmp_path / "data"))
    data = (root / "seal.json").read_bytes()
    assert DAMAGES[damage](data) != data
    (root / "seal.json").write_bytes(DAMAGES[damage](data))
    with pytest.raises(BappsmithError, match=r"seal\.json is damaged") as caught:
        verify(root)
    assert "\n" not in str(caught.value)
    assert generate(recipe(photos), root, form=form).new_items == 0
    assert rendered == []
    assert tree(root) == tree(whole[form])
    assert verify(root).clean


def test_a_damaged_seal_of_a_derived_dataset_is_made_again(whole: dict[str, Path], tmp_path: Path, rendered: list[int]):
    convert(whole["tar"], tmp_path / "data", "packed")
    before = tree(tmp_path / "data")
    assert rendered == [1] * ITEMS
    (tmp_path / "data/seal.json").write_bytes(b"{")
    convert(whole["tar"], tmp_path / "data", "packed")
    assert rendered == [1] * ITEMS
    assert tree(tmp_path / "data") == before


def test_with_a_damaged_seal_damaged_shards_are_made_again(
    whole: dict[str, Path], photos: Path, tmp_path: Path, rendered: list[int]
):
    root = Path(shutil.copytree(whole["folders"], tmp_path / "data"))
    (root / "seal.json").write_bytes(b"")
    (root / "2afc/train/a/p0/000513.png").write_bytes(b"no image")
    assert generate(recipe(photos), root).new_items == 2
    assert rendered == [2]
    assert tree(root) == tree(whole["folders"])


def test_with_a_damaged_seal_a_table_that_was_changed_is_not_believed(
    whole: dict[str, Path], photos: Path, tmp_path: Path
):
    root = Path(shutil.copytree(whole["folders"], tmp_path / "data"))
    generate(recipe(photos, seed=6), tmp_path / "other")
    (root / "seal.json").write_bytes(b"")
    shutil.copy(tmp_path / "other/manifest/2afc-train-a.parquet", root / "manifest/2afc-train-a.parquet")
    assert generate(recipe(photos), root).new_items == ITEMS - 1
    assert tree(root) == tree(whole["folders"])


def test_labellings_outlive_a_damaged_seal(whole: dict[str, Path], photos: Path, tmp_path: Path):
    root = Path(shutil.copytree(whole["tar"], tmp_path / "data"))
    labellings = {
        subset.path: Labelling(
            "people", np.linspace(0, 1, len(subset)), np.full(len(subset), 3, np.int32), ("{}",) * len(subset)
        )
        for subset in Dataset(root).subsets()
    }
    add_labelling(Dataset(root), "people", labellings)
    before = Dataset(root).finished.data
    (root / "seal.json").write_bytes(b"")
    generate(recipe(photos), root, form="tar")
    assert Dataset(root).finished.data == before
    assert verify(root).clean
    activate(str(root), "people")
    assert verify(root).clean


@pytest.fixture
def unfinished(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset in tar files that was interrupted before it was sealed."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patches:
        patches.setattr(DatasetLog, "seal", stop)
        with pytest.raises(KeyboardInterrupt):
            generate(recipe(photos), tmp_path / "data", form="tar")
    return tmp_path / "data"


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 100, b'{"kind": "dataset"}'])
def test_a_damaged_beginning_costs_nothing(
    whole: dict[str, Path], unfinished: Path, photos: Path, rendered: list[int], content: bytes
):
    (unfinished / ".bappsmith/begin.json").write_bytes(content)
    with pytest.raises(BappsmithError, match="not finished"):
        verify(unfinished)
    assert generate(recipe(photos), unfinished, form="tar").new_items == 0
    assert rendered == []
    assert tree(unfinished) == tree(whole["tar"])


def another(entry: Path) -> bytes:
    """The entry of another shard."""
    return entry.with_name("000000.parquet").read_bytes()


@pytest.mark.parametrize(
    "damage",
    [lambda entry: b"", lambda entry: b"PAR1 no table PAR1", lambda entry: entry.read_bytes()[:-9], another],
    ids=["empty", "garbage", "cut", "another"],
)
def test_a_damaged_entry_means_that_its_shard_is_made_again(
    whole: dict[str, Path], unfinished: Path, photos: Path, rendered: list[int], damage: Callable[[Path], bytes]
):
    entry = unfinished / ".bappsmith/entries/2afc-train-a/000001.parquet"
    entry.write_bytes(damage(entry))
    assert generate(recipe(photos), unfinished, form="tar").new_items == 2
    assert rendered == [2]
    assert tree(unfinished) == tree(whole["tar"])


def test_entries_of_another_run_mean_that_their_shards_are_made_again(
    whole: dict[str, Path],
    unfinished: Path,
    photos: Path,
    tmp_path: Path,
    rendered: list[int],
    monkeypatch: pytest.MonkeyPatch,
):
    other = DatasetLog(tmp_path / "other")

    def keep(*_: object) -> None:
        shutil.copytree(other.root, tmp_path / "kept")

    with monkeypatch.context() as patches:
        patches.setattr(DatasetLog, "seal", keep)
        generate(recipe(photos, seed=6), other.root, form="tar")
    rendered.clear()
    shutil.copytree(tmp_path / "kept/.bappsmith/entries", unfinished / ".bappsmith/entries", dirs_exist_ok=True)
    shutil.copytree(tmp_path / "kept/2afc", unfinished / "2afc", dirs_exist_ok=True)
    generate(recipe(photos), unfinished, form="tar")
    assert rendered == [512, 2, 1]
    assert tree(unfinished) == tree(whole["tar"])


def test_a_bit_that_nothing_reads_is_found_in_an_unfinished_shard(
    whole: dict[str, Path], unfinished: Path, photos: Path
):
    shard = unfinished / "2afc/train/a/000001.tar"
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1  # in the padding behind the last file
    shard.write_bytes(data)
    assert generate(recipe(photos), unfinished, form="tar").new_items == 2
    assert tree(unfinished) == tree(whole["tar"])
