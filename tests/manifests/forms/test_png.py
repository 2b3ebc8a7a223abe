"""PNG files of patches: lossless, readable elsewhere, and the same bytes in every process."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.png import decode_png, encode_png, largest_png


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG, from the specification."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header claims an image of any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def image_file(form: str) -> bytes:
    """An image of 8×8 px in a format that Pillow writes."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 200, 30)).save(stream, form)
    return stream.getvalue()


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 70), st.integers(0, 2**32), st.booleans())
def test_png_is_lossless(side: int, seed: int, smooth: bool):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
    if smooth:
        image = (image // 64 + np.arange(side, dtype=np.uint8)[None, :, None]).astype(np.uint8)
    data = encode_png(image)
    assert len(data) <= largest_png(side)
    assert np.array_equal(decode_png(data, "x", side), image)
    with Image.open(io.BytesIO(data)) as opened:  # an independent decoder, which checks every checksum
        opened.load()
        assert opened.mode == "RGB"
        assert np.array_equal(np.asarray(opened), image)


ENCODE = """
import hashlib
import numpy as np
from bappsmith.manifests.forms.png import encode_png
from skimage import data

photograph = data.astronaut()
rng = np.random.default_rng(0)
for _ in range(4000):  # few levels, so that deflate finds many matches
    top, left, step = rng.integers(0, 480), rng.integers(0, 480), rng.integers(2, 64, dtype=np.uint8)
    image = np.ascontiguousarray(photograph[top : top + 32, left : left + 32] // step * step)
    print(hashlib.sha256(encode_png(image)).hexdigest())
"""


@pytest.mark.slow
def test_every_process_writes_the_same_bytes():
    # A compressor that reads memory it did not set differs in one of 20,000 patches, and not the same in each process.
    first, *others = (
        subprocess.run([sys.executable, "-c", ENCODE], capture_output=True, text=True, check=True).stdout
        for _ in range(8)
    )
    assert first.count("\n") == 4000
    assert all(other == first for other in others)


@pytest.mark.parametrize("side", [33, 60_000, 900_000, 2**31 - 1])
def test_a_header_that_claims_another_size_is_one_line_and_takes_no_memory(side: int):
    with pytest.raises(BappsmithError, match=r"^x: [^\n]+$"):
        decode_png(png_claiming(side, side), "x", 32)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4), st.floats(0, 1))
def test_damaged_files_are_one_line(changes: list[tuple[float, int]], kept: float):
    data = bytearray(encode_png(np.arange(48 * 4, dtype=np.uint8).reshape(8, 8, 3)))
    whole = bytes(data)
    for where, flip in changes:
        data[int(where * len(data))] ^= flip
    del data[int(kept * len(data)) + 1 :]
    if bytes(data) == whole:
        return
    with pytest.raises(BappsmithError, match=r"^x: [^\n]+$"):
        decode_png(bytes(data), "x", 8)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "BMP"])
def test_files_of_others_are_refused_and_print_nothing(form: str, capfd: pytest.CaptureFixture[str]):
    for data in (b"", image_file(form), image_file(form)[:-20]):
        with pytest.raises(BappsmithError, match=r"^x: [^\n]+$"):
            decode_png(data, "x", 8)
    assert capfd.readouterr() == ("", "")


def test_whole_files_without_pixels_are_one_line():
    assert png_claiming(8, 8)[16:24] == bytes([0, 0, 0, 8] * 2)
    with pytest.raises(BappsmithError, match=r"^x: [^\n]+$"):
        decode_png(png_claiming(8, 8), "x", 8)
