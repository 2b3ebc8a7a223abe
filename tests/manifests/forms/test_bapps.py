"""The BAPPS layout, written and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.forms.labels import label_bytes
from bappsmith.manifests.schema.subset_path import SubsetPath


def make_subset(root: Path, folders: dict[str, list[str]]) -> Path:
    for folder, names in folders.items():
        (root / folder).mkdir(parents=True)
        for name in names:
            data = label_bytes(0.5) if name.endswith(".npy") else b"pixels"
            (root / folder / name).write_bytes(data)
    return root


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
