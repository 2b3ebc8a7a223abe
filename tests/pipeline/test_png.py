"""PNG files of patches: lossless, readable elsewhere, and the same bytes in every process."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bappsmith.manifests.forms.png import decode_png, encode_png, largest_png


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


def test_every_process_writes_the_same_bytes():
    # A compressor that reads memory it did not set differs in one of 20,000 patches, and not the same in each process.
    first, *others = (
        subprocess.run([sys.executable, "-c", ENCODE], capture_output=True, text=True, check=True).stdout
        for _ in range(8)
    )
    assert first.count("\n") == 4000
    assert all(other == first for other in others)
