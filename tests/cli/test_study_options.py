"""What the options of a study mean, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from .commands import error


def test_a_folder_of_images_needs_its_pairs(bappsmith, photos: Path):
    line = error(bappsmith("annotate", "serve", photos))
    assert "is not a bappsmith dataset" in line
    assert "--pairs FILE" in line
    assert "is not a bappsmith dataset" in error(bappsmith("annotate", "serve", "missing"))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("votes=0", "setting 'votes' must be at least 1, found '0'"),
        ("jnd.items=x", "setting 'jnd.items' must be a whole number, found 'x'"),
        ("afc.pass_mark=2", "setting 'afc.pass_mark' must be at most 1, found '2'"),
        ("next=best", "setting 'next' must be 'random' or 'information', found 'best'"),
        ("jnd.item=3", "unknown setting 'jnd.item': did you mean 'jnd.items'?"),
        ("votes", "write KEY=VALUE"),
    ],
)
def test_a_wrong_setting_is_one_line_in_plain_words(bappsmith, recipe: Path, setting: str, words: str):
    bappsmith("generate", recipe, "--out", "data")
    assert words in error(bappsmith("annotate", "serve", "data", "--port", 0, "--set", setting))
