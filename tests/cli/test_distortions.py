"""distortions list, show, check, and an operator of one's own in every command that takes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bappsmith.distortions import operators, registry

from .commands import error, write_recipe

PIXELATE = '''
import cv2
from bappsmith.distortions import Distortion, Image, Severity, register


@register
class {name}(Distortion):
    """Square blocks of one colour."""

    source = "ours"
    block = Severity(mild=2, severe=16, unit="px")

    def apply(self, image: Image, *, block: float) -> Image:
        height, width = image.shape[:2]
        size = (max(1, round(width / block)), max(1, round(height / block)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        {end}
'''


def test_an_operator_of_ones_own(bappsmith, tmp_path: Path, photos: Path):
    (tmp_path / "pixelate.py").write_text(
        PIXELATE.format(
            name="Pixelate", end="return cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)"
        )
    )
    checked = bappsmith("distortions", "check", "pixelate.py")
    assert (checked.status, checked.out) == (0, "pixelate: keeps the contract\n")
    assert "pixelate" in json.loads(bappsmith("distortions", "list", "--plugin", "pixelate.py", "--json").out)
    assert bappsmith("distortions", "show", "--plugin", "pixelate.py", "--out", "strips").status == 0
    assert [p.name for p in (tmp_path / "strips").iterdir()] == ["pixelate.png"]
    subsets = [{"path": "2afc/train/own", "triplets": 5, "distort": {"operators": ["pixelate"], "length": [1]}}]
    own = write_recipe(tmp_path / "own.yaml", {"path": str(photos)}, subsets=subsets)
    assert bappsmith("generate", own, "--out", "own", "--plugin", "pixelate.py").status == 0
    replay = ("replay", "own", "2afc/train/own", 0, "--photos", photos, "--plugin", "pixelate.py")
    assert bappsmith(*replay).status == 0
    registry._operators.pop("pixelate")
    assert "not bappsmith's own (pixelate); give the file" in error(bappsmith(*replay[:-2]))
    (tmp_path / "pixelate.py").write_text((tmp_path / "pixelate.py").read_text() + "\n# edited\n")
    ran = bappsmith(*replay)
    assert (ran.status, "operator pixelate was" in ran.out) == (0, True)


def test_a_broken_operator_is_told_what_is_wrong(bappsmith, tmp_path: Path):
    (tmp_path / "shrink.py").write_text(PIXELATE.format(name="Shrink", end="return small"))
    ran = bappsmith("distortions", "check", "shrink.py")
    assert ran.status == 1
    assert "shrink: breaks the contract" in ran.out
    assert "shape" in ran.out


def test_the_catalogue_lists_every_operator(bappsmith):
    assert set(json.loads(bappsmith("distortions", "list", "--json").out)) >= set(operators())
    assert "gaussian_blur" in bappsmith("distortions", "list").out


def test_names_are_whole_where_no_terminal_is(bappsmith, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = bappsmith("distortions", "list").out.splitlines()
    for name, op in operators().items():
        words = [name, op.family, op.source, next(iter(op.parameters.values())).describe()]
        assert any(all(word in line for word in words) for line in lines)


def test_strips_and_violations_as_json(bappsmith, tmp_path: Path):
    assert json.loads(bappsmith("distortions", "show", "jpeg", "--json").out) == {"jpeg": "strips/jpeg.png"}
    (tmp_path / "shrink.py").write_text(PIXELATE.format(name="Shrink", end="return small"))
    checked = bappsmith("distortions", "check", "shrink.py", "--json")
    assert checked.status == 1
    assert any("shape" in violation for violation in json.loads(checked.out)["shrink"])


def test_banks_are_named_on_the_command_line(bappsmith, bank: Path, other_bank: Path):
    listed = json.loads(bappsmith("distortions", "list", "--bank", bank, "--bank", f"soft={other_bank}", "--json").out)
    cnn = {name for name, facts in listed.items() if facts["family"] == "cnn"}
    own = {"denoiser", "reweighted_denoiser"}
    assert cnn == {*own, *(f"soft_{name}" for name in own), "untrained_network"}
    assert "give this bank another name" in error(bappsmith("distortions", "list", "--bank", other_bank))
