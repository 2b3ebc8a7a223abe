"""Judgments as files."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.labels import label_bytes, read_label


def test_label_is_one_float32_that_numpy_reads(tmp_path: Path):
    path = tmp_path / "0.npy"
    path.write_bytes(label_bytes(0.2))
    array = np.load(path)
    assert (array.shape, array.dtype) == ((1,), np.float32)
    assert read_label(path) == np.float32(0.2)


@pytest.mark.parametrize("array", [np.array([0.25]), np.array(0.25), np.array([[0.25]], dtype=np.float32)])
def test_labels_in_the_wild_are_read(tmp_path: Path, array: np.ndarray):
    np.save(tmp_path / "0.npy", array)
    assert read_label(tmp_path / "0.npy") == 0.25


@pytest.mark.parametrize("array", [np.array([np.nan]), np.array([1.5]), np.array([0.5, 0.5]), np.array(["a"])])
def test_labels_that_are_no_share_of_votes_are_refused(tmp_path: Path, array: np.ndarray):
    np.save(tmp_path / "000003.npy", array)
    with pytest.raises(BappsmithError, match="000003"):
        read_label(tmp_path / "000003.npy")


def test_pickled_labels_are_refused(tmp_path: Path):
    np.save(tmp_path / "0.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(BappsmithError, match="expected one number, found object"):
        read_label(tmp_path / "0.npy")


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(1, 1000000000000)", "()", "(1, 1)"])
def test_a_header_allocates_nothing(shape: str, tmp_path: Path):
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + np.float64(0.5).tobytes()
    (tmp_path / "0.npy").write_bytes(data)
    if "00" in shape:
        tracemalloc.start()
        with pytest.raises(BappsmithError, match="expected one number, found float64 of shape"):
            read_label(tmp_path / "0.npy")
        assert tracemalloc.get_traced_memory()[1] < 2**20
        tracemalloc.stop()
    else:
        assert read_label(tmp_path / "0.npy") == 0.5


def test_a_large_label_file_is_refused_before_it_is_read(tmp_path: Path):
    np.save(tmp_path / "0.npy", np.zeros(10_000))
    with pytest.raises(BappsmithError, match=r"0\.npy: the file has 80,128 bytes, at most 4,096 are allowed"):
        read_label(tmp_path / "0.npy")


@pytest.mark.parametrize("end", [1, 60, 130, 131])
def test_a_label_file_that_ends_too_early_is_refused(end: int, tmp_path: Path):
    (tmp_path / "0.npy").write_bytes(label_bytes(0.5)[:end])
    with pytest.raises(BappsmithError, match="not a readable"):
        read_label(tmp_path / "0.npy")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 131), new=st.binary(max_size=40), cut=st.integers(0, 40))
def test_any_change_of_bytes_gives_a_share_or_one_line(place: int, new: bytes, cut: int, tmp_path: Path):
    data = label_bytes(0.5)
    (tmp_path / "0.npy").write_bytes(data[:place] + new + data[place + cut :])
    value, refusal = 0.0, ""
    try:
        value = read_label(tmp_path / "0.npy")
    except BappsmithError as error:
        refusal = str(error)
    assert 0 <= value <= 1
    assert "\n" not in refusal
