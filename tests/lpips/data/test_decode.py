"""Images of subsets: what is too large or no image is refused before it takes memory."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bappsmith.lpips.data import decode as module
from bappsmith.lpips.data.decode import decode_image
from bappsmith.lpips.data.subset import load_subset
from bappsmith.manifests.errors import BappsmithError

from .test_pack import noise, write_jnd


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header says so; a few bytes say that all of it is black."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".ppm"])
def test_pixels_are_those_of_pillow(suffix: str, tmp_path: Path):
    image = Image.fromarray(cv2.GaussianBlur(noise(24), (0, 0), 2))
    image.save(tmp_path / f"a{suffix}")
    with Image.open(tmp_path / f"a{suffix}") as saved:
        assert np.abs(decode_image(tmp_path / f"a{suffix}").astype(int) - np.asarray(saved)).max() <= 2


@pytest.mark.parametrize("size", [(20_000, 20_000), (900_000, 900_000), (4097, 1), (2**31 - 1, 2**31 - 1)])
def test_a_header_that_claims_too_much_is_refused_before_decoding(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "a.png").write_bytes(png_of(*size))
    monkeypatch.setattr(module.cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(BappsmithError, match=rf"a\.png: .*at most 4096×4096 px, found {size[0]}×{size[1]}"):
        decode_image(tmp_path / "a.png")


@pytest.mark.parametrize(("suffix", "kind"), [(".ppm", "PPM"), (".bmp", "BMP"), (".jpg", "JPEG")])
def test_so_are_those_of_other_formats(suffix: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Image.new("RGB", (4100, 2)).save(tmp_path / f"a{suffix}", kind)
    monkeypatch.setattr(module.cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(BappsmithError, match="at most 4096×4096 px, found 4100×2"):
        decode_image(tmp_path / f"a{suffix}")


def test_an_image_larger_than_the_others_is_refused_before_decoding(tmp_path: Path):
    root = write_jnd(tmp_path / "s", [noise(16)] * 40)
    (root / "p1" / "000037.png").write_bytes(png_of(4000, 4000))
    with pytest.raises(
        BappsmithError, match=r"p1/000037\.png: .*found 4000×4000 px, others 256 pixels; to leave the item"
    ):
        load_subset(root)


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "GIF", "EPS"])
def test_other_formats_under_the_name_of_a_png_are_refused(kind: str, tmp_path: Path):
    Image.fromarray(noise(16)).save(tmp_path / "a.png", kind)
    with pytest.raises(BappsmithError, match=r"a\.png: not a readable image"):
        decode_image(tmp_path / "a.png")


def test_only_regular_files_are_opened(tmp_path: Path):
    root = write_jnd(tmp_path / "s", [noise(16), noise(16)])
    for path in (root / "p0" / "000001.png", root / "same" / "000001.npy"):
        data = path.read_bytes()
        path.unlink()
        os.mkfifo(path)
        with pytest.raises(BappsmithError, match=f"{path.name}: not a regular file"):
            load_subset(root)
        path.unlink()
        path.symlink_to("/dev/zero")
        with pytest.raises(BappsmithError, match=f"{path.name}: not a regular file"):
            load_subset(root)
        path.unlink()
        path.write_bytes(data)
    assert len(load_subset(root)) == 2


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path):
    with (tmp_path / "a.png").open("wb") as stream:
        stream.truncate(2**40)  # sparse: it takes no disk
    with pytest.raises(BappsmithError, match=r"the file has 1,099,511,627,776 bytes, at most"):
        decode_image(tmp_path / "a.png")
