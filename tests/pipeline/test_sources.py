"""Photographs of every kind that people have, and files that only look like one."""

from __future__ import annotations

import io
import os
import shutil
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.pipeline.sources.decode import decode
from bappsmith.pipeline.sources.index import index_sources
from bappsmith.pipeline.sources.split import split_photographs

# Left half red, right half blue, 8 wide and 4 high.
RED_BLUE = np.zeros((4, 8, 3), dtype=np.uint8)
RED_BLUE[:, :4, 0] = 255
RED_BLUE[:, 4:, 2] = 255


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF 2.3, tag Orientation: 6 is shown turned 90° clockwise
    upright = decode(encode(Image.fromarray(RED_BLUE), "PNG", exif=exif), "p")
    assert upright.shape == (8, 4, 3)
    assert upright[0, 0].tolist() == [255, 0, 0]
    assert upright[-1, 0].tolist() == [0, 0, 255]


def test_greyscale_is_repeated():
    ramp = np.arange(32, dtype=np.uint8).reshape(4, 8)
    assert (decode(encode(Image.fromarray(ramp), "PNG"), "p") == ramp[:, :, None]).all()


def test_transparency_is_laid_over_white():
    rgba = np.zeros((4, 8, 4), dtype=np.uint8)
    rgba[:, :4] = (255, 0, 0, 255)
    found = decode(encode(Image.fromarray(rgba), "PNG"), "p")
    assert found[0, 0].tolist() == [255, 0, 0]
    assert found[0, 7].tolist() == [255, 255, 255]


def test_cmyk_becomes_rgb():
    found = decode(encode(Image.fromarray(RED_BLUE).convert("CMYK"), "TIFF"), "p")
    assert (found == RED_BLUE).all()


def test_palettes_are_resolved_with_and_without_transparency():
    palette = Image.fromarray(RED_BLUE).quantize(4)
    assert (decode(encode(palette, "PNG"), "p") == RED_BLUE).all()
    index_of_blue = palette.getpixel((7, 0))
    found = decode(encode(palette, "PNG", transparency=index_of_blue), "p")
    assert found[0, 7].tolist() == [255, 255, 255]


def test_sixteen_bits_keep_their_upper_byte():
    deep = (np.arange(32, dtype=np.uint16) * 2048 + 17).reshape(4, 8)
    assert (decode(encode(Image.fromarray(deep), "PNG"), "p") == (deep >> 8)[:, :, None]).all()


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_colour_keeps_its_upper_byte(suffix: str):
    deep = np.random.default_rng(0).integers(0, 65536, (4, 8, 3), dtype=np.uint16)
    data = cv2.imencode(suffix, deep[:, :, ::-1])[1].tobytes()
    assert np.abs(decode(data, "p").astype(int) - (deep >> 8)).max() <= 1  # Pillow rounds PNG, OpenCV cuts


def test_the_first_frame_of_an_animation_is_taken():
    second = Image.fromarray(RED_BLUE[:, ::-1])
    data = encode(Image.fromarray(RED_BLUE), "GIF", save_all=True, append_images=[second])
    assert (decode(data, "p") == RED_BLUE).all()


def png_claiming(width: int, height: int) -> bytes:
    """A tiny file whose header claims a huge image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
UNREADABLE = {
    "text": b"no image at all",
    "empty": b"",
    "truncated png": encode(Image.fromarray(NOISE), "PNG")[:-4000],
    "truncated jpeg": encode(Image.fromarray(NOISE), "JPEG")[:900],
    "truncated tiff": cv2.imencode(".tif", NOISE.astype(np.uint16))[1].tobytes()[:200],
    "bomb": png_claiming(60_000, 60_000),
    "bomb below Pillow's own limit for errors": png_claiming(13_378, 13_377),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_named_in_one_line(data: bytes):
    with pytest.raises(BappsmithError, match=r"^photograph holiday\.png: [^\n]+$"):
        decode(data, "holiday.png")


def test_unreadable_photographs_stop_the_run_or_are_passed_over_by_name(tmp_path: Path, photos: Path):
    for path in photos.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "broken.jpg").write_bytes(UNREADABLE["truncated jpeg"])
    (tmp_path / "notes.txt").write_text("not a photograph")
    (tmp_path / ".hidden.png").write_bytes(b"thumbnail")
    with pytest.raises(BappsmithError, match=r"broken\.jpg.*on_unreadable: skip"):
        index_sources(Sources(path=str(tmp_path)))
    index = index_sources(Sources(path=str(tmp_path), on_unreadable="skip"))
    assert len(index.photographs) == 5
    assert [name for name, _ in index.skipped] == ["broken.jpg"]
    assert index.ignored == ("notes.txt",)


def test_missing_empty_and_wrong_places_are_refused(tmp_path: Path):
    with pytest.raises(BappsmithError, match="no such folder"):
        index_sources(Sources(path=str(tmp_path / "nowhere")))
    with pytest.raises(BappsmithError, match="no photograph found among 0 files"):
        index_sources(Sources(path=str(tmp_path)))
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(BappsmithError, match="a file"):
        index_sources(Sources(path=str(tmp_path / "a.png")))
    with pytest.raises(BappsmithError, match="none of its 1 photographs"):
        index_sources(Sources(path=str(tmp_path), on_unreadable="skip"))


def test_a_name_that_is_not_utf8_is_refused_or_passed_over_by_name(tmp_path: Path):
    Image.fromarray(NOISE).save(tmp_path / "good.png")
    try:
        shutil.copy(tmp_path / "good.png", os.fsencode(tmp_path) + b"/caf\xe9.png")
    except OSError:
        pytest.skip("this file system holds UTF-8 names only")
    with pytest.raises(BappsmithError, match=r"caf.*file name is not UTF-8; rename it"):
        index_sources(Sources(path=str(tmp_path)))
    index = index_sources(Sources(path=str(tmp_path), on_unreadable="skip"))
    assert [photo.name for photo in index.photographs] == ["good.png"]
    assert str(index.skipped).isascii()


def test_the_home_folder_is_known(photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(photos.parent))
    assert len(index_sources(Sources(path=f"~/{photos.name}")).photographs) == 5
    assert len(index_sources(Sources(path=f"~/{photos.name}/photo[12].png")).photographs) == 2


def test_a_glob_chooses(photos: Path):
    index = index_sources(Sources(path=f"{photos}/photo[12].png"))
    assert [photo.name for photo in index.photographs] == ["photo1.png", "photo2.png"]


def test_samples_need_no_download():
    index = index_sources(Sources(path="samples"))
    assert len(index.photographs) >= 8
    assert "astronaut.png" in {photo.name for photo in index.photographs}


def test_a_photograph_that_changed_is_refused(tmp_path: Path):
    Image.fromarray(NOISE).save(tmp_path / "a.png")
    index = index_sources(Sources(path=str(tmp_path)))
    assert (index.read(index.photographs[0]) == NOISE).all()
    Image.fromarray(NOISE[::-1]).save(tmp_path / "a.png")
    with pytest.raises(BappsmithError, match=r"a\.png.*sha256 differs"):
        index.read(index.photographs[0])


@given(
    contents=st.lists(st.integers(0, 30), min_size=2, max_size=40).filter(lambda found: len(set(found)) > 1),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**64 - 1),
)
def test_train_and_val_never_share_a_photograph(contents: list[int], fraction: float, seed: int):
    photographs = [Photograph(f"{i}.png", f"file{i}", 64, 64, f"pixels{content}") for i, content in enumerate(contents)]
    split = split_photographs(photographs, fraction, seed)
    train, val = ({photo.pixels_sha256 for photo in split[side]} for side in ("train", "val"))
    assert train
    assert val
    assert not train & val
    assert sorted(p.name for side in split.values() for p in side) == sorted(p.name for p in photographs)
    assert split_photographs(photographs[::-1], fraction, seed) == split


def test_the_same_pixels_saved_again_stay_on_one_side(tmp_path: Path):
    for seed in range(4):
        pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        for level in (0, 1, 6, 9):
            Image.fromarray(pixels).save(tmp_path / f"{seed}-{level}.png", compress_level=level)
    photographs = index_sources(Sources(path=str(tmp_path))).photographs
    assert len({photo.sha256 for photo in photographs}) > 4
    split = split_photographs(photographs, 0.5, 0)
    train, val = ({photo.name[0] for photo in split[side]} for side in ("train", "val"))
    assert train
    assert val
    assert not train & val
