"""What goes wrong in long runs: afterwards the dataset is the one of an undisturbed run, or the error says what to do."""

from __future__ import annotations

import io
import os
import re
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline import generate as run
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.shard import ShardTask
from bappsmith.pipeline.sources.decode import decode

from .workers.clusters import small, tree


def test_a_photograph_that_changes_during_the_run_is_named(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(photos, tmp_path / "photos")
    real = run.make_shard

    def change(task: ShardTask) -> object:
        for path in (tmp_path / "photos").iterdir():
            if path.name != "photo0.png":
                path.write_bytes((photos / "photo0.png").read_bytes())
        return real(task)

    monkeypatch.setattr(run, "make_shard", change)
    with pytest.raises(BappsmithError, match=r"photograph photo\d\.png .*is not the file that was indexed"):
        generate(small(tmp_path / "photos"), tmp_path / "data")
    assert not (tmp_path / "data" / "seal.json").exists()


def test_a_thousand_damaged_photographs_are_read_or_named(photos: Path):
    rng = np.random.default_rng(0)
    originals = []
    with Image.open(photos / "photo0.png") as image:
        for kind, options in (
            ("PNG", {}),
            ("JPEG", {}),
            ("WEBP", {}),
            ("TIFF", {}),
            ("GIF", {}),
            ("BMP", {}),
        ):
            stream = io.BytesIO()
            image.save(stream, kind, **options)
            originals.append(stream.getvalue())
    read = refused = 0
    for number in range(1000):
        data = bytearray(originals[number % len(originals)])
        match number % 4:
            case 0:  # bits flipped
                for place in rng.integers(0, len(data), 1 + number % 20):
                    data[place] ^= 1 << int(rng.integers(8))
            case 1:  # cut short
                del data[int(rng.integers(0, len(data))) :]
            case 2:  # the header of another kind
                data[:8] = originals[(number + 1) % len(originals)][:8]
            case 3:  # sizes that are none: a bomb, or nothing
                data[8:28] = rng.bytes(20)
        try:
            pixels = decode(bytes(data), "it.png")
        except BappsmithError as error:
            assert str(error).startswith("photograph it.png: ")  # noqa: PT017
            assert "\n" not in str(error)  # noqa: PT017
            refused += 1
        else:
            assert pixels.dtype == np.uint8
            assert pixels.ndim == 3
            assert pixels.shape[2] == 3
            read += 1
    assert read > 50
    assert refused > 500


def test_output_that_cannot_be_written_is_one_line(photos: Path, tmp_path: Path):
    if os.geteuid() == 0:
        place = Path("/proc/bappsmith")  # where not even root can write
    else:
        (tmp_path / "closed").mkdir(mode=0o500)
        place = tmp_path / "closed" / "data"
    with pytest.raises(BappsmithError, match=f"cannot write to {re.escape(str(place))}"):
        generate(small(photos), place)


def test_a_clock_that_jumps_changes_nothing(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    generate(small(photos, 20), tmp_path / "before")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    generate(small(photos, 20), tmp_path / "after")
    assert tree(tmp_path / "after") == tree(tmp_path / "before")
