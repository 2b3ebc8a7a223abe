"""A dataset in another form is the same dataset."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.form import FORMS, Form
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.verify import verify

Tree = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="module")
def in_form(made_tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Path]:
    """The small dataset in each form."""
    root = tmp_path_factory.mktemp("forms")
    for form in FORMS:
        convert(made_tiny, root / form, form)
    return {form: root / form for form in FORMS}


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(FORMS, 2)))
def test_conversion_there_and_back_gives_the_same_bytes(
    made_tiny: Path, in_form: dict[Form, Path], tmp_path: Path, tree: Tree, first: Form, second: Form
):
    convert(in_form[first], tmp_path / "two", second)
    assert verify(tmp_path / "two").clean
    convert(tmp_path / "two", tmp_path / "three", "folders")
    assert tree(tmp_path / "three") == tree(made_tiny)


@pytest.mark.parametrize("form", FORMS)
def test_two_shards_come_back_as_they_were(finished: dict[str, Path], tmp_path: Path, tree: Tree, form: Form):
    convert(finished[form], tmp_path / "back", "folders")
    assert tree(tmp_path / "back") == tree(finished["folders"])


def test_a_converted_dataset_keeps_its_name_and_fingerprint(finished: dict[str, Path]):
    seals = [json.loads((finished[form] / "seal.json").read_text()) for form in FORMS]
    assert len({seal["fingerprint"] for seal in seals}) == 1
    assert {seal["recipe"]["name"] for seal in seals} == {"a"}


def test_another_form_than_the_one_begun_is_refused(made_tiny: Path, tmp_path: Path, tree: Tree):
    convert(made_tiny, tmp_path / "out", "tar")
    before = tree(tmp_path / "out")
    with pytest.raises(BappsmithError, match="form tar → packed differs"):
        convert(made_tiny, tmp_path / "out", "packed")
    assert tree(tmp_path / "out") == before


def test_a_form_that_is_none_leaves_nothing_behind(made_tiny: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match="form must be one of folders, tar, packed, parquet; found 'zip'"):
        convert(made_tiny, tmp_path / "out", "zip")  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_damaged_items_are_not_carried_on(made_tiny: Path, tmp_path: Path):
    convert(made_tiny, tmp_path / "copy", "tar")
    (tmp_path / "copy/2afc/train/tiny/000000.tar").unlink()
    shutil.copytree(made_tiny, tmp_path / "plain")
    other = (made_tiny / "2afc/train/tiny/p0/000002.png").read_bytes()
    (tmp_path / "plain/2afc/train/tiny/p0/000001.png").write_bytes(other)
    for damaged in ("copy", "plain"):
        with pytest.raises(BappsmithError, match="is not as it was sealed"):
            convert(tmp_path / damaged, tmp_path / "out", "packed")
        assert not (tmp_path / "out/seal.json").exists()
