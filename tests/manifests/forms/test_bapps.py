"""The BAPPS layout, written and read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.forms.labels import label_bytes, read_label
from bappsmith.manifests.schema.subset_path import SubsetPath


def make_subset(root: Path, folders: dict[str, list[str]]) -> Path:
    for folder, names in folders.items():
        (root / folder).mkdir(parents=True)
        for name in names:
            data = label_bytes(0.5) if name.endswith(".npy") else b"pixels"
            (root / folder / name).write_bytes(data)
    return root


def test_file_names_are_those_of_the_field():
    assert SubsetPath.parse("2afc/train/cnn").files(7) == {
        "ref": "2afc/train/cnn/ref/000007.png",
        "p0": "2afc/train/cnn/p0/000007.png",
        "p1": "2afc/train/cnn/p1/000007.png",
        "judge": "2afc/train/cnn/judge/000007.npy",
    }
    assert SubsetPath.parse("jnd/val/cnn").files(7) == {
        "p0": "jnd/val/cnn/p0/000007.png",
        "p1": "jnd/val/cnn/p1/000007.png",
        "same": "jnd/val/cnn/same/000007.npy",
    }


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
    with pytest.raises(BappsmithError, match="not a readable"):
        read_label(tmp_path / "0.npy")


def test_files_are_paired_by_stem_in_any_suffix_and_depth(tmp_path: Path):
    root = make_subset(
        tmp_path / "s",
        {
            "ref": ["b.PNG", "a.jpg"],
            "p0": ["a.png", "b.png"],
            "p1": ["a.bmp", "b.jpeg"],
            "judge": ["a.npy", "b.npy"],
        },
    )
    assert [(item.stem, item.images["ref"].name) for item in read_subset(root)] == [
        ("a", "a.jpg"),
        ("b", "b.PNG"),
    ]
    assert read_subset(root).labels().tolist() == [0.5, 0.5]


def test_one_missing_file_is_named_and_nothing_shifts(tmp_path: Path):
    names = ["000000.png", "000001.png"]
    root = make_subset(
        tmp_path / "s", {"ref": names, "p0": names[:1], "p1": names, "judge": ["000000.npy", "000001.npy"]}
    )
    with pytest.raises(BappsmithError, match=r"p0: no file for 000001"):
        read_subset(root)


@pytest.mark.parametrize("folders", [{}, {"p0": ["a.png"]}, {"ref": [], "p0": [], "p1": [], "judge": []}])
def test_a_folder_that_is_no_subset_is_refused(tmp_path: Path, folders: dict[str, list[str]]):
    (tmp_path / "s").mkdir()
    with pytest.raises(BappsmithError, match="s"):
        read_subset(make_subset(tmp_path / "s" / "t", folders) if folders else tmp_path / "s")


def test_subsets_of_a_dataset_are_found(tmp_path: Path):
    for path in ("2afc/train/a", "2afc/val/a", "jnd/val/a"):
        for folder in SubsetPath.parse(path).folders:
            (tmp_path / path / folder).mkdir(parents=True)
    found = [p.relative_to(tmp_path).as_posix() for p in find_subsets(tmp_path)]
    assert found == ["2afc/train/a", "2afc/val/a", "jnd/val/a"]
    assert find_subsets(tmp_path / "2afc/val/a") == [tmp_path / "2afc/val/a"]
