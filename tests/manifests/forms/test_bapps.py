"""The BAPPS layout, written and read."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.forms.file import read_file
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


def write_tar(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


PAIR = {"a.p0.png": b"pixels", "a.p1.png": b"more", "a.same.npy": label_bytes(0.25)}


def test_tar_shards_are_read_in_place(tmp_path: Path):
    write_tar(tmp_path / "s" / "000000.tar", PAIR)
    (item,) = read_subset(tmp_path / "s")
    assert read_file(item.images["p1"], 100) == b"more"
    assert read_subset(tmp_path / "s").labels().tolist() == [0.25]
    with pytest.raises(BappsmithError, match=r"000000\.tar/a\.p1\.png: the file has 4 bytes"):
        read_file(item.images["p1"], 3)


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz"])
def test_compressed_archives_are_refused(compression: str, tmp_path: Path):
    write_tar(tmp_path / "s" / "000000.tar", PAIR, f"w:{compression}")
    with pytest.raises(BappsmithError, match=r"000000\.tar: not a readable tar file"):
        read_subset(tmp_path / "s")


def test_an_archive_that_is_a_pipe_is_refused(tmp_path: Path):
    (tmp_path / "s").mkdir()
    os.mkfifo(tmp_path / "s" / "000000.tar")
    with pytest.raises(BappsmithError, match=r"000000\.tar: not a regular file"):
        read_subset(tmp_path / "s")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_headers_without_end_are_refused(kind: bytes, tmp_path: Path):
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 8**11 - 1
    (tmp_path / "s").mkdir()
    with (tmp_path / "s" / "000000.tar").open("wb") as stream:
        stream.write(info.tobuf(tarfile.USTAR_FORMAT))
        stream.truncate(2**35)  # sparse: it takes no disk
    with pytest.raises(BappsmithError, match=r"not a readable tar file \(a header claims 8,589,93\d,\d\d\d bytes"):
        read_subset(tmp_path / "s")


def test_an_archive_that_ends_too_early_is_refused(tmp_path: Path):
    path = write_tar(tmp_path / "s" / "000000.tar", PAIR)
    path.write_bytes(path.read_bytes()[: 5 * 512 + 60])  # within the judgment
    with pytest.raises(BappsmithError, match=r"not a readable tar file|ends before"):
        read_subset(tmp_path / "s").labels()


def test_two_files_of_one_stem_are_refused(tmp_path: Path):
    write_tar(tmp_path / "s" / "000000.tar", PAIR)
    write_tar(tmp_path / "s" / "000001.tar", PAIR)
    with pytest.raises(BappsmithError, match=r"two files share the stem a: .*000000\.tar/a\.p0\.png and .*000001"):
        read_subset(tmp_path / "s")


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_shard_gives_items_or_one_line(data: st.DataObject, tmp_path: Path):
    path = write_tar(tmp_path / "s" / "000000.tar", PAIR)
    content = bytearray(path.read_bytes()[: 8 * 512])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    if data.draw(st.booleans()):  # make checksums right, so that what they guard is looked at
        for start in range(0, len(content) - 511, 1024):
            block = content[start : start + 512]
            content[start + 148 : start + 156] = b"%06o\0 " % (sum(block[:148]) + sum(block[156:]) + 8 * 32)
    path.write_bytes(content)
    labels, refusal = np.zeros(1), ""
    try:
        labels = read_subset(tmp_path / "s").labels()
    except BappsmithError as error:
        refusal = str(error)
    assert ((labels >= 0) & (labels <= 1)).all()
    assert "\n" not in refusal
