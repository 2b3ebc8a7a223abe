"""Models of ncnn against numpy."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from bappsmith.distortions.ncnn.running import load_model
from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.errors import BappsmithError

IMAGE = natural_patches(2)[1][:21, :34]


def test_pixels_are_repeated(tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_nearest(tmp_path, "nearest", 3)
    result = load_model(param, param.with_suffix(".bin")).enlarge(IMAGE)
    assert result.dtype == np.float32
    assert np.abs(result - IMAGE.repeat(3, axis=0).repeat(3, axis=1)).max() < 1e-4


def test_weights_are_read_as_float32_and_colours_stay_in_order(tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_shuffle(tmp_path, "shuffle", 2)
    model = load_model(param, param.with_suffix(".bin"))
    result, expected = model.enlarge(IMAGE), ncnn_files.shuffled(IMAGE, 2)
    # In float16, differences would be about 0.05 levels.
    assert np.abs(result - expected).max() < 1e-3
    assert np.array_equal(result, model.enlarge(IMAGE))
    assert np.array_equal(result, model.enlarge(IMAGE, light=False))


def test_it_leaves_its_input_alone(tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_model(tmp_path, "dark", ("Input in 0 1 in", "BinaryOp dark 1 1 in out 0=2 1=1 2=0.5"))
    image = IMAGE.copy()
    assert np.abs(load_model(param, param.with_suffix(".bin")).enlarge(image) - IMAGE / 2).max() < 1e-3
    assert np.array_equal(image, IMAGE)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (("Input in 0 1 in", "Magic up 1 1 in out"), "ncnn cannot read it"),
        (("Input in 0 1 in", "Split two 1 2 in a b"), "has 1 inputs and 2 outputs, not one of each"),
        (("Input in 0 1 in", "Convolution conv 1 1 in out 0=3 1=3 6=81"), "cannot read one.bin, or it does not belong"),
    ],
)
def test_what_ncnn_refuses_is_one_line(layers: tuple[str, ...], message: str, tmp_path: Path, ncnn_files: ModuleType):
    param = ncnn_files.write_model(tmp_path, "one", layers)
    with pytest.raises(BappsmithError, match=message) as refused:
        load_model(param, param.with_suffix(".bin"))
    assert str(refused.value).startswith(f"model {param}: ")
