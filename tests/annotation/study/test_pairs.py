"""Pairs of images as a source of questions, and votes back into the pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.annotation.study.errors import ChangedError
from bappsmith.annotation.study.far_pairs import far_pairs
from bappsmith.annotation.study.pairs import SHOWN_SIDE, PairsSource, shown
from bappsmith.annotation.study.sentinels import MadeQuestion, make_question, render_question
from bappsmith.distortions.random import Draws
from bappsmith.lpips.data.retrieval.pair_set import Pair
from bappsmith.lpips.data.retrieval.read import read_pairs
from bappsmith.lpips.data.retrieval.write import write_pairs
from bappsmith.manifests.errors import BappsmithError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images of several kinds: a large one, one that is turned by its EXIF tag, grey, transparent, 16 bits."""
    root = tmp_path / "images"
    root.mkdir()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (1200, 800, 3), np.uint8)).save(root / "large.png")
    turned = Image.fromarray(np.full((40, 60, 3), (200, 0, 0), np.uint8))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(root / "turned.jpg", exif=exif)
    Image.fromarray(np.full((30, 30), 90, np.uint8)).save(root / "grey.png")
    Image.fromarray(np.zeros((30, 30, 4), np.uint8)).save(root / "clear.png")
    Image.fromarray(np.full((30, 30), 128 << 8, np.uint16)).save(root / "deep.png")
    return root


def source_of(folder: Path, *pairs: Pair) -> PairsSource:
    write_pairs(folder.parent / "pairs.csv", pairs)
    return PairsSource(read_pairs(folder.parent / "pairs.csv", folder))


PAIRS = (
    Pair("large.png", "turned.jpg", inclusion=0.5, found_by="random"),
    Pair("grey.png", "clear.png", 1.0, 2, 1.0),
    Pair("grey.png", "deep.png", inclusion=1.0),
)


def test_pictures_are_upright_rgb_and_not_larger_than_a_screen(folder: Path):
    source = source_of(folder, *PAIRS)
    assert (source.tasks(), source.count("similar"), source.root) == ({"similar": "similar"}, 3, str(folder))
    first = source.pictures("similar", 0)
    assert list(first) == ["query", "candidate"]
    assert first["query"].shape == (SHOWN_SIDE, round(800 * SHOWN_SIDE / 1200), 3)
    assert first["candidate"].shape == (60, 40, 3)
    second, third = source.pictures("similar", 1), source.pictures("similar", 2)
    assert {image.dtype for image in (*second.values(), *third.values())} == {np.dtype(np.uint8)}
    assert [int(image.mean()) for image in (second["query"], second["candidate"], third["candidate"])] == [90, 255, 128]
    assert source.items() == [("similar", 0, 0.5), ("similar", 1, 1.0), ("similar", 2, 1.0)]


def test_areas_are_averaged():
    stripes = np.zeros((64, 32, 3), np.uint8)
    stripes[::2] = 200
    assert (shown(stripes, 16) == 100).all()
    assert shown(stripes, 16).shape == (16, 8, 3)
    assert shown(stripes, 64) is stripes
    assert shown(np.zeros((1, 3000, 3), np.uint8)).shape == (1, SHOWN_SIDE, 3)


def test_the_fingerprint_covers_pairs_and_pixels_and_not_votes(folder: Path):
    before = source_of(folder, *PAIRS).fingerprint
    assert source_of(folder, *PAIRS[:2], Pair("grey.png", "deep.png", 0.5, 4)).fingerprint == before
    assert source_of(folder, *PAIRS[:2]).fingerprint != before
    assert source_of(folder, PAIRS[1], PAIRS[0], PAIRS[2]).fingerprint != before
    Image.fromarray(np.full((30, 30), 91, np.uint8)).save(folder / "grey.png")
    assert source_of(folder, *PAIRS).fingerprint != before


def test_images_that_change_while_they_are_judged_are_refused(folder: Path):
    source = source_of(folder, *PAIRS)
    Image.fromarray(np.full((30, 30), 91, np.uint8)).save(folder / "grey.png")
    with pytest.raises(ChangedError, match=r"grey\.png is not the image that the study began with"):
        source.pictures("similar", 1)
    (folder / "turned.jpg").unlink()
    with pytest.raises(ChangedError, match=r"turned\.jpg: cannot be opened .* changed while it is judged"):
        source.pictures("similar", 0)


def test_a_file_that_is_no_image_is_named(folder: Path):
    (folder / "deep.png").write_text("text")
    with pytest.raises(BappsmithError, match=r"deep\.png: not an image"):
        source_of(folder, *PAIRS)


@pytest.fixture
def colours(tmp_path: Path) -> PairsSource:
    """Six reddish and six bluish images, some of them paired."""
    root = tmp_path / "colours"
    root.mkdir()
    rng = np.random.default_rng(0)
    for name, colour in (("red", (220, 40, 40)), ("blue", (30, 60, 200))):
        for k in range(6):
            image = np.clip(rng.normal(colour, 20, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(image).save(root / f"{name}{k}.png")
    pairs = [Pair(f"{name}{k}.png", f"{name}{(k + 1) % 6}.png") for name in ("red", "blue") for k in range(6)]
    return source_of(root, *pairs)


def test_far_pairs_are_far(colours: PairsSource):
    pairs = far_pairs(colours.picture, colours.pairs, np.random.default_rng(0), 6)
    assert all({one[:3], two[:3]} == {"red", "blu"} for one, two in pairs)
    assert len({name for pair in pairs for name in pair}) >= 6
    assert far_pairs(colours.picture, colours.pairs, np.random.default_rng(0), 6) == pairs
    many = far_pairs(colours.picture, colours.pairs, np.random.default_rng(1), 30)
    asked = {frozenset((pair.query, pair.candidate)) for pair in colours.pairs.pairs}
    assert len({frozenset(pair) for pair in many}) == (66 - 12) // 4
    assert not {frozenset(pair) for pair in many} & asked
    for k in range(16):
        one, two = (image.mean(axis=(0, 1)) for image in colours.pictures("unrelated", k).values())
        assert abs(one[0] - two[0]) > 100
    sentinel = make_question("similar", "unrelated", "similar", 0, Draws(0, 1))
    assert MadeQuestion.from_json(sentinel.to_json(), "different") == sentinel
    shown = render_question(colours, "similar", sentinel)
    assert abs(shown["query"].mean(axis=(0, 1)) - shown["candidate"].mean(axis=(0, 1))).max() > 100


def test_noise_takes_the_place_of_far_pairs_if_all_are_asked_about(folder: Path):
    source = source_of(folder, Pair("grey.png", "clear.png"))
    pictures = source.pictures("unrelated", 3)
    assert pictures["candidate"].std() > 60
    np.testing.assert_array_equal(pictures["candidate"], source.pictures("unrelated", 3)["candidate"])
