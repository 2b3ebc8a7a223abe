"""Sequences of numbered frames."""

from __future__ import annotations

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.pipeline.sources.sequences import find_sequences, neighbours
from bappsmith.pipeline.sources.split import split_photographs


def photographs(*names: str, side: int = 64) -> list[Photograph]:
    return [Photograph(name, f"file {name}", side, side, f"pixels {name}") for name in names]


def frames(prefix: str, numbers: range) -> list[Photograph]:
    return photographs(*(f"{prefix}{number:03d}.png" for number in numbers))


def test_frames_are_ordered_by_their_number():
    found = find_sequences(
        photographs("a/10.png", "a/9.png", "a/8.png", "b2/f1.jpg", "b2/f3.jpg", "b2/f2.jpg", "x.png")
    )
    assert [[frame.name for frame in one] for one in found] == [
        ["a/8.png", "a/9.png", "a/10.png"],
        ["b2/f1.jpg", "b2/f2.jpg", "b2/f3.jpg"],
    ]
    assert neighbours(found) == {"a/9.png": ("a/8.png", "a/10.png"), "b2/f2.jpg": ("b2/f1.jpg", "b2/f3.jpg")}


def test_folders_prefixes_and_suffixes_are_sequences_of_their_own():
    mixed = [*frames("a/", range(3)), *frames("b/", range(3)), *frames("b/left", range(3))]
    mixed += photographs("b/0.jpg", "b/1.jpg", "b/2.jpg")
    assert [len(one) for one in find_sequences(mixed)] == [3, 3, 3, 3]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (frames("a/", range(1, 4)) + frames("a/", range(5, 7)), "gap: number 4 is missing between a/003.png and a/005"),
        (photographs("1.png", "2.png", "02.png", "3.png"), "number 2 twice, in 02.png and 2.png"),
        (frames("a", range(2)) + photographs("a2.png", side=32), "one size, but a001.png and a2.png have 64×64 and 32"),
        (photographs("one.png", "two.png", "1.png", "2.png"), "no three photographs of one folder"),
    ],
)
def test_what_is_no_sequence_is_refused_in_one_line(files: list[Photograph], message: str):
    with pytest.raises(BappsmithError) as error:
        find_sequences(files)
    assert message in str(error.value)
    assert "leave out sources.sequences" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("seed", range(8))
def test_train_and_val_never_share_a_sequence(seed: int):
    clips = [frames(f"{clip}/", range(5)) for clip in "abcdef"]
    again = Photograph("f/again.png", "other", 64, 64, clips[0][2].pixels_sha256)
    clips[5].append(again)  # a photograph that two sequences have in common keeps both together
    split = split_photographs([photo for clip in clips for photo in clip], 0.4, seed, clips)
    sides = {photo.name: side for side in split for photo in split[side]}
    assert len(sides) == 31
    assert all(len({sides[photo.name] for photo in clip}) == 1 for clip in clips)
    assert sides["a/000.png"] == sides["f/000.png"]
    assert set(sides.values()) == {"train", "val"}
