"""Intra frames of video: the codecs of FFmpeg against our way through PyAV, and what happens without it."""

from __future__ import annotations

import io
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bappsmith.distortions import Draws, Image, View, operator
from bappsmith.distortions.functional.intra_frame import encoder_lacks, intra_coded
from bappsmith.distortions.patches import natural_patches, natural_views
from bappsmith.manifests.errors import BappsmithError

NAMES = ("h264", "h265", "vp9", "av1")


def present(name: str) -> Any:
    op = operator(name)
    if reason := op.unavailable():
        pytest.skip(reason)
    return op


def coded(name: str, image: Image | View, quantizer: int, rows: int = 0, columns: int = 0) -> Image:
    return present(name)(image, {"quantizer": quantizer, "row_phase": rows, "column_phase": columns})


def mean_difference(a: Image, b: Image) -> float:
    return float(np.abs(a.astype(int) - b).mean())


@pytest.mark.parametrize("name", NAMES)
def test_fine_quantizers_keep_colours_and_place(name: str) -> None:
    """Range, order of the planes and position of chroma are right, or an error would be left at any quantizer."""
    smooth = np.stack(np.meshgrid(np.arange(40, 168, 2), np.arange(60, 188, 2)), axis=2).astype(np.uint8)
    image = np.dstack([smooth, np.full((64, 64), 90, np.uint8)])
    assert mean_difference(coded(name, image, 6 if name in ("vp9", "av1") else 14, 5, 3), image) < 1.5


@pytest.mark.parametrize("name", NAMES)
def test_extreme_levels_survive(name: str) -> None:
    for level in (0, 255):
        flat = np.full((32, 32, 3), level, np.uint8)
        assert np.abs(coded(name, flat, 30).astype(int) - flat).max() <= 3


@pytest.mark.parametrize("name", NAMES)
def test_coarser_quantizers_lose_more(name: str) -> None:
    view = natural_views(1, margin=63)[0]
    errors = [mean_difference(coded(name, view, quantizer), view.centre) for quantizer in (14, 30, 45, 50)]
    assert errors == sorted(errors)
    assert errors[-1] > 3 * errors[0]


def test_h264_is_the_frame_that_ffmpeg_stores() -> None:
    """A file of FFmpeg with the same options, read back by FFmpeg, has the same luma."""
    present("h264")
    import av
    import cv2

    image = natural_patches(1)[0]
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., 0]
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        options = {"preset": "veryfast", "x264-params": "qp=30:ipratio=1:threads=1"}
        stream = container.add_stream("libx264", rate=Fraction(1), options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        planes = np.full((96, 64), 128, np.uint8)
        planes[:64] = luma
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        container.mux([*stream.encode(frame), *stream.encode(None)])
    file.seek(0)
    with av.open(file) as container:
        stored = next(container.decode(video=0)).to_ndarray(format="yuv420p")[:64]
    grey = intra_coded(luma[..., None].repeat(3, axis=2), "libx264", "h264", options)
    assert np.abs(grey[..., 1].astype(int) - stored).mean() < 0.3


@pytest.mark.parametrize("name", NAMES)
def test_equal_calls_give_equal_pixels_whatever_came_between(name: str) -> None:
    view, other = natural_views(2, margin=63)
    first = coded(name, view, 36, 9, 11)
    coded(name, other, 48, 2, 30 if name != "h264" else 3)
    assert np.array_equal(first, coded(name, view, 36, 9, 11))


@pytest.mark.parametrize("name", NAMES)
def test_without_pyav_an_operator_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("av", "av.codec", "av.codec.codec"):
        monkeypatch.setitem(sys.modules, module, None)
    op = operator(name)
    assert op.unavailable() == "needs PyAV, which is not installed: pip install 'bappsmith[video]'"
    with pytest.raises(BappsmithError, match=r"needs PyAV, which is not installed: pip install 'bappsmith\[video\]'"):
        op(natural_patches(1)[0], op.sample(0.5, Draws(0)))


def test_an_encoder_that_this_build_lacks_is_named() -> None:
    present("h264")
    reason = encoder_lacks("libx267")
    assert reason is not None
    assert reason.startswith("needs PyAV with libx267, which this build lacks: pip install")


def test_the_family_stands_apart_from_the_default_ones() -> None:
    assert {operator(name).family for name in NAMES} == {"video"}
    assert all(operator(name).libraries == ("av",) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_written_to_the_terminal(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    coded(name, natural_patches(1)[0], 40)
    assert capfd.readouterr() == ("", "")
