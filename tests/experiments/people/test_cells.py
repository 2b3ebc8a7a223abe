"""Cells on photographs, and the table of metrics."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import run
from cells import cells, held_out, middle, read_scores, window
from kadid_types import TYPES, distort
from numpy.typing import NDArray
from PIL import Image as Pillow
from skimage.data import astronaut

from bappsmith.manifests.errors import BappsmithError

Image = NDArray[np.uint8]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six photographs in colour, one in grey, and one that is too small."""
    root = tmp_path / "photos"
    (root / "set").mkdir(parents=True)
    picture = astronaut()
    for number in range(6):
        Pillow.fromarray(np.roll(picture, 40 * number, axis=1)).save(root / "set" / f"{number}.png", compress_level=1)
    Pillow.fromarray(picture[..., 0]).save(root / "grey.png", compress_level=1)
    Pillow.fromarray(picture[:100]).save(root / "small.png", compress_level=1)
    return root


def test_the_choice_of_photographs_depends_on_their_names_alone(folder: Path):
    names = held_out(folder, 6)
    assert sorted(names) == [f"set/{number}.png" for number in range(6)]
    assert names != sorted(names)
    assert held_out(folder, 2, skip=3) == names[3:5]
    (folder / names[0]).unlink()
    assert held_out(folder, 5) == names[1:]


def test_too_few_photographs_are_refused(folder: Path):
    with pytest.raises(BappsmithError, match=r"6 photographs in colour of 512×384 px or more, asked for 16"):
        held_out(folder, 10, skip=6)


def test_a_table_without_a_cell_is_refused(scores_file: Path):
    text = scores_file.read_text().splitlines()
    scores_file.write_text("\n".join(line for line in text if ",jpeg,4," not in line))
    with pytest.raises(BappsmithError, match=r"has no row for jpeg, level 4 \(missing rows: 1\)"):
        read_scores(scores_file)


def test_cells_come_in_order_and_are_the_same_again(folder: Path, scores_file: Path):
    scores = read_scores(scores_file)
    made = list(islice(cells(folder, ["set/3.png"], scores), 15))
    assert [(cell.type, cell.level) for cell in made[4:6]] == [(TYPES[0], 5), (TYPES[1], 1)]
    assert {cell.photo for cell in made} == {"set/3.png"}
    assert [cell.mean for cell in made[:2]] == [4.5, 3.7]
    assert all(cell.distorted.shape == cell.reference.shape == (192, 256, 3) for cell in made)
    again = list(islice(cells(folder, ["set/3.png"], scores), 15))
    other = list(islice(cells(folder, ["set/4.png"], scores), 15))
    for cell, same in zip(made, again, strict=True):
        np.testing.assert_array_equal(cell.distorted, same.distorted)
    assert (made[0].reference != other[0].reference).any()


def test_patches_are_those_of_a_whole_image(folder: Path, scores_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cells.TYPES", ("non_eccentricity_patch",))
    scores = read_scores(scores_file)
    shapes = []

    def spy(image: Image, name: str, parameter: float, rng: np.random.Generator) -> Image:
        shapes.append(image.shape)
        return distort(image, name, parameter, rng)

    monkeypatch.setattr("cells.distort", spy)
    cell = next(cells(folder, ["set/0.png"], scores))
    assert shapes == [(384, 512, 3)]
    assert 0 < (cell.distorted != cell.reference).any(axis=2).mean() < 0.2
    with Pillow.open(folder / "set/0.png") as picture:
        np.testing.assert_array_equal(cell.reference, middle(window(np.asarray(picture), "set/0.png")))


@pytest.mark.slow
def test_the_script_prints_a_row_for_each_metric(folder: Path, scores_file: Path, capsys: pytest.CaptureFixture[str]):
    names = scores_file.with_name("names.txt")
    given = ["--photos", str(folder), "--scores", str(scores_file), "--count", "1", "--draws", "20"]
    run.main([*given, "--list", str(names), "--metric", "l2", "--metric", "haarpsi"])
    assert names.read_text().split() == held_out(folder, 1)
    first, second = capsys.readouterr().out.split("\n\n")
    rows = [row.strip("| ").split(" | ") for row in first.splitlines()[2:]]
    assert [row[0] for row in rows] == ["l2", "haarpsi"]
    assert all(50 < float(row[1].split(" ")[0]) < 100 for row in rows)
    assert rows[1][2].startswith(("+", "-"))
    assert [row.split(" | ")[0].strip("| ") for row in second.strip().splitlines()[2:]] == list(TYPES)
