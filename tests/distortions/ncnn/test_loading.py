"""Folders of models under names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bappsmith.distortions import load_plugin, operator, operators
from bappsmith.distortions.plugins import foreign_sources
from bappsmith.manifests.errors import BappsmithError


@pytest.fixture
def folder(tmp_path: Path, ncnn_files: ModuleType) -> Path:
    return ncnn_files.write_nearest(tmp_path / "models", "x", 4).parent


def test_a_folder_is_a_plugin_and_its_models_are_part_of_the_dataset(folder: Path):
    assert load_plugin(folder) == ["superres_ncnn"]
    assert load_plugin(folder) == ["superres_ncnn"]
    op = operator("superres_ncnn")
    assert (op.family, op.libraries) == ("super_resolution", ("ncnn",))
    assert foreign_sources(["superres_ncnn"]) == {"superres_ncnn": op.content}


def test_a_second_folder_has_a_name(folder: Path, tmp_path: Path, ncnn_files: ModuleType):
    load_plugin(folder)
    other = ncnn_files.write_nearest(tmp_path / "other", "y", 4).parent
    with pytest.raises(BappsmithError, match=r"operator 'superres_ncnn' of another folder.*such as other="):
        load_plugin(other)
    assert load_plugin(f"anime={other}") == ["anime_superres_ncnn"]
    assert {"superres_ncnn", "anime_superres_ncnn"} <= set(operators())


def test_a_changed_model_is_not_passed_off_as_the_old_one(folder: Path):
    load_plugin(folder)
    (folder / "x.bin").write_bytes(b"other")
    with pytest.raises(BappsmithError, match="was changed after it was loaded; start a new process"):
        load_plugin(folder)


@pytest.mark.parametrize(
    ("name", "option"), [("superres_ncnn", "--plugin FOLDER"), ("anime_superres_ncnn", "--plugin anime=FOLDER")]
)
def test_an_operator_whose_folder_is_not_loaded_says_how(name: str, option: str):
    with pytest.raises(BappsmithError, match=rf"unknown operator '{name}': it runs models of ncnn.*{option}$"):
        operator(name)


def test_a_folder_of_neither_kind_says_what_was_allowed(tmp_path: Path):
    with pytest.raises(
        BappsmithError, match=r"is not a bank .* and holds no models of ncnn \(NAME\.param and NAME\.bin"
    ):
        load_plugin(tmp_path)


def test_ncnn_is_imported_at_the_first_image_only(folder: Path):
    code = (
        "import sys; from bappsmith.distortions import load_plugin;"
        "print(load_plugin(sys.argv[1]), 'ncnn' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "['superres_ncnn'] False", run.stderr
