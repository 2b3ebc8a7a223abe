"""Image files of every kind that people have, and files that only look like one."""

from __future__ import annotations

import zlib

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import EpsImagePlugin, Image, ImageFile

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.sources.decode import decode

from .images import FILES, NOISE, RED_BLUE, encode, png_claiming, tiff


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


@pytest.mark.parametrize("name", FILES)
def test_the_limit_of_pixels_is_checked_before_a_decoder_runs(name: str, monkeypatch: pytest.MonkeyPatch):
    assert decode(FILES[name], "p", max_pixels=64 * 64).shape == (64, 64, 3)

    def load(_: object) -> None:
        raise AssertionError("pixels were decoded")

    for cls in (Image.Image, ImageFile.ImageFile, *ImageFile.ImageFile.__subclasses__()):
        monkeypatch.setattr(cls, "load", load)
    words = r"^photograph p: more than 4,095 pixels; the recipe's sources\.max_pixels raises the limit$"
    with pytest.raises(BappsmithError, match=words):
        decode(FILES[name], "p", max_pixels=64 * 64 - 1)


def test_a_raised_limit_reaches_pillow_and_is_taken_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for data in FILES.values():
        assert decode(data, "p", max_pixels=64 * 64).shape == (64, 64, 3)
    with pytest.raises(BappsmithError, match="more than 4,095 pixels"):
        decode(FILES["webp"], "p", max_pixels=64 * 64 - 1)
    assert Image.MAX_IMAGE_PIXELS == 100


TWO_CHANNELS = {258: (16, 16), 259: (8,), 262: (1,), 277: (2,), 278: (2**31,)}


def test_a_sixteen_bit_tiff_that_pillow_does_not_know_goes_to_no_other_decoder(monkeypatch: pytest.MonkeyPatch):
    def imdecode(*_: object) -> None:
        raise AssertionError("its size was not looked at")

    monkeypatch.setattr(cv2, "imdecode", imdecode)
    with pytest.raises(BappsmithError, match=r"^photograph p: not an image that can be read$"):
        decode(tiff({256: (30_000,), 257: (30_000,), **TWO_CHANNELS}, zlib.compress(b"\0")), "p")


def test_a_huge_tile_of_a_small_image_is_refused():
    tags = {256: (8,), 257: (8,), 258: (8, 8, 8), 259: (8,), 262: (2,), 277: (3,), 322: (25_600,), 323: (25_600,)}
    with pytest.raises(BappsmithError, match="pixels; the recipe's"):
        decode(tiff(tags, zlib.compress(bytes(1000))), "p")


def test_an_eps_named_png_starts_no_program(monkeypatch: pytest.MonkeyPatch):
    started: list[object] = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *given, **_: started.append(given))
    drawing = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n"
    with pytest.raises(
        BappsmithError, match=r"^photograph p\.png: format EPS is not read here; convert it to PNG or JPEG$"
    ):
        decode(drawing, "p.png")
    assert not started


@pytest.mark.parametrize(
    ("start", "form"),
    [(b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"), (b"8BPS\0\1", "Photoshop"), (b"\xff\x0a\xfa\x7f", "JPEG XL")],
)
def test_formats_that_are_not_read_are_known_by_their_content(start: bytes, form: str):
    with pytest.raises(BappsmithError, match=f"^photograph p.jpg: format {form} is not read here"):
        decode(start, "p.jpg")


def test_damaged_files_print_nothing(capfd: pytest.CaptureFixture[str]):
    for name in ("lzw tiff", "deflate tiff", "jpeg tiff"):
        for at in range(8, len(FILES[name]), 97):
            data = bytearray(FILES[name])
            data[at] ^= 0xFF
            try:
                decode(bytes(data), "p")
            except BappsmithError:
                continue
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def test_names_and_causes_stay_on_one_line():
    with pytest.raises(BappsmithError, match=r"^photograph a\\nb\\x1b\[31m\\u202e\\udce9\.png: not an image"):
        decode(b"", "a\nb\x1b[31m\u202e\udce9.png")


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(FILES)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    header=st.lists(st.tuples(st.integers(0, 95), st.integers(0, 255)), max_size=6),
    kept=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_any_file_is_an_image_within_limits_or_named(
    name: str, changes: list[tuple[float, int]], header: list[tuple[int, int]], kept: float
):
    data = bytearray(FILES[name])
    for at, value in header:
        data[at] = value
    for where, value in changes:
        data[int(where * len(data))] = value
    try:
        pixels = decode(bytes(data[: int(kept * len(data))]), "it.png", max_pixels=100_000)
    except BappsmithError as error:
        assert str(error).startswith("photograph it.png: ")  # noqa: PT017
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert (pixels.dtype, pixels.ndim, pixels.shape[2]) == (np.uint8, 3, 3)
        assert 0 < pixels.shape[0] * pixels.shape[1] <= 100_000
