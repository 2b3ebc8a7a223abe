"""Where photographs are looked for, and what of them is told before one is opened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import fsspec
import pytest
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.sources.find import SAMPLES, find_photographs, locate, path_to_seal

from .images import NOISE


def test_missing_empty_and_wrong_places_are_refused(tmp_path: Path):
    with pytest.raises(BappsmithError, match="no such folder"):
        find_photographs(str(tmp_path / "nowhere"))
    with pytest.raises(BappsmithError, match="no photograph found among 0 files"):
        find_photographs(str(tmp_path))
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(BappsmithError, match="a file"):
        find_photographs(str(tmp_path / "a.png"))


def test_others_and_hidden_files_are_passed_over(tmp_path: Path):
    for name in ("b.JPG", "a.png", ".hidden.png", "notes.txt", "no suffix", "x\ny.txt"):
        (tmp_path / name).write_bytes(b"x")
    files = find_photographs(str(tmp_path))
    assert list(files.stamps) == ["a.png", "b.JPG"]
    assert files.ignored == ("no suffix", "notes.txt", r"x\ny.txt")
    assert files.unreadable == ()


@pytest.mark.parametrize(
    ("name", "form"),
    [("IMG_1.HEIC", "HEIC"), ("a.cr2", "Canon RAW"), ("b.NEF", "Nikon RAW"), ("c.dng", "DNG (RAW)"), ("d.svg", "SVG"),
     ("e.psd", "Photoshop"), ("f.exr", "OpenEXR"), ("g.jxl", "JPEG XL")],
)  # fmt: skip
def test_images_that_no_decoder_reads_are_named(tmp_path: Path, name: str, form: str):
    (tmp_path / name).write_bytes(b"x")
    (tmp_path / "good.png").write_bytes(b"x")
    files = find_photographs(str(tmp_path))
    reason = f"photograph {name}: format {form} is not read here; convert it to PNG or JPEG"
    assert files.unreadable == ((name, reason),)
    assert files.ignored == ()


def test_a_name_that_is_not_utf8_is_named_without_it(tmp_path: Path):
    (tmp_path / "good.png").write_bytes(b"x")
    try:
        shutil.copy(tmp_path / "good.png", os.fsencode(tmp_path) + b"/caf\xe9.png")
    except OSError:
        pytest.skip("this file system holds UTF-8 names only")
    files = find_photographs(str(tmp_path))
    assert list(files.stamps) == ["good.png"]
    assert files.unreadable == ((r"caf\udce9.png", r"photograph caf\udce9.png: its file name is not UTF-8; rename it"),)


def test_the_home_folder_is_known(photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(photos.parent))
    assert len(find_photographs(f"~/{photos.name}").stamps) == 5
    assert len(find_photographs(f"~/{photos.name}/photo[12].png").stamps) == 2


def test_a_glob_chooses(photos: Path):
    assert list(find_photographs(f"{photos}/photo[12].png").stamps) == ["photo1.png", "photo2.png"]


def test_samples_need_no_download():
    files = find_photographs("samples")
    assert sorted(files.stamps) == sorted(SAMPLES)
    assert all(files.stamps.values())


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """Photographs in folders, behind a link to a folder elsewhere, and a link to a file elsewhere; with two loops."""
    for name in ("photos/a.png", "photos/x/b.png", "elsewhere/c.png", "single.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    root = tmp_path / "photos"
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "d.png").symlink_to(tmp_path / "single.png")
    (root / "loop").symlink_to(root)
    (root / "x" / "loop").symlink_to(root)
    return root


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", ["a.png", "d.png", "link/c.png", "x/b.png"]),
        ("/*.png", ["a.png", "d.png"]),
        ("/*/*.png", ["link/c.png", "loop/a.png", "loop/d.png", "x/b.png"]),
        ("/**/*.png", ["a.png", "d.png", "link/c.png", "x/b.png"]),
        ("/**", ["a.png", "d.png", "link/c.png", "x/b.png"]),
        ("/**/x/**/?.png", ["x/b.png"]),
        ("/x/**/b*", ["b.png"]),
    ],
)
def test_links_are_followed_and_loops_end(linked: Path, pattern: str, names: list[str]):
    files = find_photographs(f"{linked}{pattern}")
    assert list(files.stamps) == names
    assert all((Path(files.root) / name).is_file() for name in names)


def test_a_glob_of_many_stars_takes_no_time(tmp_path: Path):
    deep = tmp_path.joinpath(*"abcdefghijklmnopqrst")
    deep.mkdir(parents=True)
    (deep / "a.png").write_bytes(b"x")
    assert len(find_photographs(f"{tmp_path}/{'**/' * 40}*.png").stamps) == 1
    with pytest.raises(BappsmithError, match="no photograph found"):
        find_photographs(f"{tmp_path}/{'**/*/' * 20}z.png")


def test_an_output_among_the_photographs_is_told(linked: Path, tmp_path: Path):
    for place, inside in ((str(linked), True), (f"{linked}/**/*.png", True), (f"{linked}/*.png", False)):
        assert find_photographs(place).would_take_in(linked / "new" / "data") is inside
        assert not find_photographs(place).would_take_in(tmp_path / "data")
        assert not find_photographs(place).would_take_in("memory://photos/data")


def test_what_is_sealed_says_nothing_of_the_machine(linked: Path):
    assert path_to_seal("samples") == "samples"
    assert path_to_seal(str(linked)) == "photos"
    assert path_to_seal(f"{linked}/**/x*.png") == "photos/**/x*.png"
    assert path_to_seal("s3://bucket/some/photos/") == "photos"
    assert locate(f"{linked}/x/*.png") == str(linked / "x")


def test_files_at_an_address_have_stamps_where_the_system_gives_them(tmp_path: Path):
    Image.fromarray(NOISE).save(tmp_path / "a.png")
    files = find_photographs(f"file://{tmp_path}")
    (stamp,) = files.stamps.values()
    assert stamp is not None
    assert stamp.startswith(f"{(tmp_path / 'a.png').stat().st_size}:")
    fsspec.filesystem("memory").pipe_file("/found/a.png", b"x")
    try:
        assert find_photographs("memory://found").stamps == {"a.png": None}
    finally:
        fsspec.filesystem("memory").rm("/found", recursive=True)


def test_a_video_is_refused_with_what_to_do(tmp_path: Path):
    (tmp_path / "clip.MP4").write_bytes(b"")
    for path in (tmp_path, tmp_path / "clip.MP4"):
        with pytest.raises(BappsmithError, match=r"a video; extract its frames into a folder .*sequences: numbered"):
            find_photographs(str(path))
