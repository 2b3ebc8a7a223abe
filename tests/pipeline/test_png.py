"""PNG files of patches: lossless, readable elsewhere, and the same bytes in every process."""

from __future__ import annotations

import io
import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.rendering.png import MAX_SIDE, decode_png, encode_png

from .sources.images import FILES, png_claiming


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32), st.booleans())
def test_png_is_lossless(height: int, width: int, seed: int, smooth: bool):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if smooth:
        image = (image // 64 + np.arange(width, dtype=np.uint8)[None, :, None]).astype(np.uint8)
    data = encode_png(image)
    assert np.array_equal(decode_png(data, "x"), image)
    with Image.open(io.BytesIO(data)) as opened:  # an independent decoder, which checks every checksum
        opened.load()
        assert opened.mode == "RGB"
        assert np.array_equal(np.asarray(opened), image)


ENCODE = """
import hashlib
import numpy as np
from bappsmith.pipeline.rendering.png import encode_png
from skimage import data

photograph = data.astronaut()
rng = np.random.default_rng(0)
for _ in range(4000):  # few levels, so that deflate finds many matches
    top, left, step = rng.integers(0, 480), rng.integers(0, 480), rng.integers(2, 64, dtype=np.uint8)
    image = np.ascontiguousarray(photograph[top : top + 32, left : left + 32] // step * step)
    print(hashlib.sha256(encode_png(image)).hexdigest())
"""


def test_every_process_writes_the_same_bytes():
    # A compressor that reads memory it did not set differs in one of 20,000 patches, and not the same in each process.
    first, *others = (
        subprocess.run([sys.executable, "-c", ENCODE], capture_output=True, text=True, check=True).stdout
        for _ in range(8)
    )
    assert first.count("\n") == 4000
    assert all(other == first for other in others)


@pytest.mark.parametrize("side", [MAX_SIDE + 1, 60_000, 900_000, 2**31 - 1])
def test_a_header_that_claims_a_huge_image_is_one_line_and_reaches_no_decoder(
    side: int, monkeypatch: pytest.MonkeyPatch
):
    def imdecode(*_: object) -> None:
        raise AssertionError("its size was not looked at")

    monkeypatch.setattr(cv2, "imdecode", imdecode)
    with pytest.raises(BappsmithError, match=rf"^x: an image of {side}×{side} px; patches have 1 to 1024 px a side$"):
        decode_png(png_claiming(side, side), "x")


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4), st.floats(0, 1))
def test_damaged_files_are_one_line(changes: list[tuple[float, int]], kept: float):
    data = bytearray(encode_png(np.arange(48 * 3, dtype=np.uint8).reshape(6, 8, 3)))
    whole = bytes(data)
    for where, flip in changes:
        data[int(where * len(data))] ^= flip
    del data[int(kept * len(data)) + 1 :]
    if bytes(data) == whole:
        return
    with pytest.raises(BappsmithError, match=r"^x: [^\n]+$"):
        decode_png(bytes(data), "x")


def test_damaged_files_print_nothing_and_other_formats_are_none_of_ours(capfd: pytest.CaptureFixture[str]):
    broken = bytearray(FILES["png"])
    broken[len(broken) // 2] ^= 1
    for data in (b"", bytes(broken), FILES["png"][:-20], *(FILES[name] for name in ("deflate tiff", "jpeg", "jp2"))):
        with pytest.raises(BappsmithError, match=r"^x: not a readable image$"):
            decode_png(data, "x")
    assert capfd.readouterr() == ("", "")


def test_whole_files_without_pixels_are_one_line():
    assert png_claiming(8, 8)[16:24] == bytes([0, 0, 0, 8] * 2)
    with pytest.raises(BappsmithError, match=r"^x: not a readable image$"):
        decode_png(png_claiming(8, 8), "x")
