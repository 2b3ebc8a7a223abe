"""Packed files that nobody vouches for."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from bappsmith.lpips.data.packed import read_packed
from bappsmith.lpips.data.subset import load_subset
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.packed import PACKED, PACKED_FORMAT


def test_a_packed_subset_is_read_as_it_was_written(write_packed, tmp_path: Path):
    subset = load_subset(write_packed(tmp_path / "data"))
    assert subset.labels.tolist() == [0.0, 0.25, 1.0]
    assert subset.stems == ("000000", "000001", "000002")
    other = load_subset(write_packed(tmp_path / "other", labels=(1.0, 1.0, 0.5)))
    assert subset.pixels_sha256 == other.pixels_sha256
    assert subset.content != other.content


@pytest.mark.parametrize("label", [7.0, -3.0, np.nan, np.inf])
def test_judgments_outside_of_their_range_are_refused(write_packed, label: float, tmp_path: Path):
    root = write_packed(tmp_path, labels=(0.0, label, 1.0))
    with pytest.raises(
        BappsmithError, match=rf"packed\.safetensors: the judgment of 000001 must be in \[0, 1\], found {label:g}"
    ):
        load_subset(root)


def content() -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Arrays and header of a packed JND subset."""
    labels = np.array([0.5, 1], np.float32)
    arrays = {
        "images": np.zeros((2, 2, 8, 8, 3), np.uint8),
        "labels": labels,
        "stems": np.frombuffer(b"a\nb", np.uint8),
    }
    header = {"format": PACKED_FORMAT, "kind": "jnd", "enlarged": "false", "reduction": "exact"}
    hashes = {"pixels_sha256": "0" * 64, "labels_sha256": hashlib.sha256(labels.tobytes()).hexdigest()}
    return arrays, header | hashes


@pytest.mark.parametrize(
    ("arrays", "header", "words"),
    [
        ({}, {"format": None}, "its format is not named"),
        ({}, {"format": "bappsmith-packed-1"}, "its format is bappsmith-packed-1, expected"),
        ({}, {"kind": None}, "its header's kind is missing, allowed: 2afc|jnd"),
        ({}, {"kind": "3afc"}, "its header's kind is 3afc"),
        ({}, {"kind": "2afc"}, "are not those of a 2afc subset"),
        ({}, {"enlarged": "maybe"}, "its header's enlarged is maybe"),
        ({}, {"reduction": None}, "its header's reduction is missing"),
        ({}, {"pixels_sha256": "0"}, "its header's pixels_sha256 is 0"),
        ({}, {"labels_sha256": "1" * 64}, "its judgments do not match their hash"),
        ({"stems": None}, {}, "it does not hold images and stems"),
        ({"more": np.zeros(1, np.uint8)}, {}, "it does not hold images and stems"),
        ({"labels": np.zeros(2, np.float64)}, {}, "it does not hold images and stems"),
        ({"labels": np.zeros(3, np.float32)}, {}, "are not those of a jnd subset"),
        ({"labels": np.zeros((2, 1), np.float32)}, {}, "are not those of a jnd subset"),
        ({"images": np.zeros((2, 2, 8, 8, 1), np.uint8)}, {}, "are not those of a jnd subset"),
        ({"images": np.zeros((2, 2, 8, 8), np.uint8)}, {}, "are not those of a jnd subset"),
        ({"images": np.zeros((2, 2, 0, 8, 3), np.uint8)}, {}, "images of 8×0 px"),
        ({"images": np.zeros((2, 2, 1, 5000, 3), np.uint8)}, {}, "images of 5000×1 px"),
        ({"stems": np.frombuffer(b"a", np.uint8)}, {}, "1 different file names for 2 items"),
        ({"stems": np.frombuffer(b"a\na", np.uint8)}, {}, "1 different file names for 2 items"),
    ],
)
def test_what_is_no_packed_file_is_one_line(
    arrays: dict[str, np.ndarray | None], header: dict[str, str | None], words: str, tmp_path: Path
):
    good_arrays, good_header = content()
    tensors = {name: array for name, array in {**good_arrays, **arrays}.items() if array is not None}
    facts = {name: value for name, value in {**good_header, **header}.items() if value is not None}
    save_file(tensors, tmp_path / PACKED, metadata=facts)
    with pytest.raises(BappsmithError) as refused:
        load_subset(tmp_path)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_good_one_and_a_pipe(tmp_path: Path):
    arrays, header = content()
    save_file(arrays, tmp_path / PACKED, metadata=header)
    assert len(load_subset(tmp_path)) == 2
    (tmp_path / PACKED).unlink()
    os.mkfifo(tmp_path / PACKED)
    with pytest.raises(BappsmithError, match="not a BAPPS subset"):
        load_subset(tmp_path)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_bytes_gives_a_subset_or_one_line(data: st.DataObject, write_packed, tmp_path: Path):
    path = write_packed(tmp_path) / PACKED
    bytes_ = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.one_of(st.integers(0, 900), st.integers(0, len(bytes_) - 1)))
        bytes_[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    path.write_bytes(bytes_)
    packed, refusal = None, ""
    try:
        packed = read_packed(path)
    except BappsmithError as error:
        refusal = str(error)
    assert "\n" not in refusal
    if packed is not None:
        assert ((packed.labels >= 0) & (packed.labels <= 1)).all()
        assert len(packed.stems) == len(packed.labels) == len(packed.pixels)
