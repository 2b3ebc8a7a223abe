"""Folders of models: what is in them, and what is refused in one line."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from bappsmith.distortions.ncnn import model_folder, trial
from bappsmith.distortions.ncnn.model_folder import files_sha256, loaded, model_files, read_models
from bappsmith.manifests.errors import BappsmithError

UP, UP1 = "Interp up 1 1 in large 0=1 1=4.0 2=4.0", "Interp up 1 1 some out 0=1 1=4.0 2=4.0"

CROP = "Crop c 1 1 in some -23309=1,0 -23310=1,1 -23311=1,0"
ZERO = "BinaryOp z 1 1 large zero 0=2 1=1 2=0.0"


def refused(root: Path) -> str:
    with pytest.raises(BappsmithError) as error:
        read_models(root)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_models_serve_the_factor_of_their_scale_else_smaller_ones(tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_nearest(tmp_path, "a-x2", 2)
    ncnn_files.write_shuffle(tmp_path, "b-x4", 4)
    ncnn_files.write_nearest(tmp_path, "c-x4", 4)
    folder = read_models(tmp_path)
    assert folder.by_factor == {2: ("a-x2",), 3: ("b-x4", "c-x4"), 4: ("b-x4", "c-x4")}
    assert [(model.name, model.scale) for model in folder.models] == [("a-x2", 2), ("b-x4", 4), ("c-x4", 4)]


def test_a_single_model_of_four_times_is_enough(tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_nearest(tmp_path, "x", 4)
    assert read_models(tmp_path).by_factor == {2: ("x",), 3: ("x",), 4: ("x",)}


def test_any_change_changes_the_hash(tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_shuffle(tmp_path, "b-x4", 4)
    first, files = read_models(tmp_path).sha256, files_sha256(model_files(tmp_path))
    weights = param.with_suffix(".bin")
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert read_models(tmp_path).sha256 != first
    assert files_sha256(model_files(tmp_path)) != files
    ncnn_files.write_shuffle(tmp_path, "b-x4", 4)
    assert (read_models(tmp_path).sha256, files_sha256(model_files(tmp_path))) == (first, files)
    param.write_text(param.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert read_models(tmp_path).sha256 != first


def test_a_model_that_was_changed_since_is_not_loaded(tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_nearest(tmp_path, "x", 4)
    (model,) = read_models(tmp_path).models
    ncnn_files.write_nearest(tmp_path, "x", 2)
    with pytest.raises(BappsmithError, match=r"x\.param: was changed after it was loaded; start again"):
        loaded(model)


def test_without_ncnn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ncnn_files: ModuleType):
    found = importlib.util.find_spec
    monkeypatch.setattr(model_folder, "find_spec", lambda name: None if name == "ncnn" else found(name))
    ncnn_files.write_nearest(tmp_path, "x", 4)
    assert refused(tmp_path).endswith("need ncnn, which is not installed: pip install 'bappsmith[ncnn]'")


def test_incomplete_folders(tmp_path: Path, ncnn_files: ModuleType):
    assert "no model of ncnn; put pairs NAME.param and NAME.bin there" in refused(tmp_path)
    param = ncnn_files.write_nearest(tmp_path, "x", 4)
    param.with_suffix(".bin").unlink()
    assert "x.bin is missing; a model of ncnn is a pair NAME.param and NAME.bin" in refused(tmp_path)
    param.rename(param.with_suffix(".bin"))
    assert "x.param is missing" in refused(tmp_path)


def test_names_and_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_nearest(tmp_path / "a", "my model", 4)
    assert "a name must have at most 100 letters, digits and . _ + -" in refused(param.parent)
    monkeypatch.setattr(model_folder, "WEIGHT_BYTES", 1000)
    assert "larger than 1,000 bytes" in refused(ncnn_files.write_shuffle(tmp_path / "b", "x", 4).parent)
    monkeypatch.setattr(model_folder, "PARAM_BYTES", 20)
    assert "larger than 20 bytes" in refused(ncnn_files.write_nearest(tmp_path / "c", "x", 4).parent)


@pytest.mark.parametrize("scale", [1, 5])
def test_other_scales_are_refused(scale: int, tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_nearest(tmp_path, "x", 4)
    ncnn_files.write_nearest(tmp_path, "y", scale)
    assert f"y: enlarges {scale} times, and patches are enlarged 2, 3 or 4 times; remove it" in refused(tmp_path)


def test_a_factor_without_a_model_is_refused(tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_nearest(tmp_path, "x", 2)
    assert "enlarge at most 2 times, and patches are enlarged up to 4 times; add a model for 3 times" in refused(
        tmp_path
    )


@pytest.mark.parametrize("text", ["", "hello\n", "\x85\x00\x00\x00", "7767517x\n1 1\n", "é"])
def test_what_is_not_a_param_file(text: str, tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_nearest(tmp_path, "x", 4)
    param.write_text(text, encoding="latin-1")
    assert "x.param: not a .param file of ncnn as text (its first line must be 7767517)" in refused(tmp_path)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (("Input in 0 1 in", "Magic up 1 1 in out"), "ncnn cannot read it (layer Magic not exists or registered)"),
        (("Input in 0 1 in", "Convolution c 1 1 in out 0=3 1=3 6=2000000000"), "ncnn cannot read "),  # it, or its .bin
        (("Input in 0 1 in", "Interp up 1 1 in out 0=1 3=100 4=100"), "returns 100×100 px for 23×19 px"),
        (("Input in 0 1 in", CROP, UP1), "1 channels, not an image of three"),
        (("Input in 0 1 in", UP, "BinaryOp f 1 1 large out 0=2 1=1 2=0.004"), "must take and return RGB in [0, 1]"),
        (("Input in 0 1 in", UP, "BinaryOp far 1 1 large out 0=3 1=1 2=0.0"), "returns numbers that are not finite"),
        (("Input in 0 1 in", UP, ZERO, "BinaryOp o 2 1 zero large out 0=0"), "twice without a layer Split"),
    ],
)  # fmt: skip
def test_models_that_do_not_enlarge(layers: tuple[str, ...], message: str, tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_nearest(tmp_path, "a", 4)
    param = ncnn_files.write_model(tmp_path, "b", layers)
    line = refused(tmp_path)
    assert line.startswith(f"model {param}: ")
    assert message in line
    assert line.endswith("; give another model, or remove this one")


def test_a_model_that_takes_all_memory_ends_its_own_process_only(tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_model(tmp_path, "a", ("Input in 0 1 in", "Interp up 1 1 in out 0=1 3=50000 4=50000"))
    line = refused(tmp_path)
    assert line.startswith(f"model {param}: ")
    assert "crashes ncnn, or needs too much memory" in line or "fails on an image of 23×19 px" in line


def test_a_model_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ncnn_files: ModuleType):
    monkeypatch.setattr(trial, "SECONDS", 1)
    ncnn_files.write_nearest(tmp_path, "a", 4)
    # An interpreter runs this as it starts: its process never ends by itself.
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "sitecustomize.py").write_text("import time\nwhile True: time.sleep(60)\n")
    monkeypatch.syspath_prepend(tmp_path / "start")
    assert "a.param: does not end within 1 s" in refused(tmp_path)


def test_what_a_file_says_stays_on_one_line_and_shows_its_control_characters(tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_model(tmp_path, "a", ("Input in 0 1 in", "\x1b[31mMagic up 1 1 in out"))
    assert "\x1b" not in refused(tmp_path)


def test_results_do_not_depend_on_what_ran_before(tmp_path: Path, ncnn_files: ModuleType):
    ncnn_files.write_shuffle(tmp_path, "x", 4)
    (model,) = read_models(tmp_path).models
    image = np.random.default_rng(0).integers(0, 256, (12, 17, 3), np.uint8)
    first = loaded(model).enlarge(image)
    loaded(model).enlarge(image[::-1])
    assert np.array_equal(loaded(model).enlarge(image), first)
