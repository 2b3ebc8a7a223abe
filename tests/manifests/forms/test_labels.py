"""Judgments as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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
