"""distortions list, show, catalogue, check, and an operator of one's own in every command that takes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bappsmith.distortions import operators, registry
from bappsmith.distortions.catalogue.card import card
from bappsmith.manifests.recipe.named_sets import named_set

from .commands import error, write_recipe

ENLARGED = "small.repeat(block, 0).repeat(block, 1)"
BLOCKY = '''
import cv2
from bappsmith.distortions import Distortion, Image, Levels, Nuisance, View, register


@register
class {name}(Distortion):
    """Square blocks of one colour."""

    source = "ours"
    block = Levels((2, 4, 8, 16), unit="px")
    right = Nuisance(0, 15, unit="px", whole=True)

    def margin(self, side, params):
        return params["block"]

    def apply(self, view: View, *, block: int, right: int) -> Image:
        (height, width), margin = view.shape, view.margin
        start = (margin + right) % block
        rows, columns = ((side - start) // block for side in view.image.shape[:2])
        whole = view.image[start : start + rows * block, start : start + columns * block]
        small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
        {end}
'''


def test_an_operator_of_ones_own(bappsmith, tmp_path: Path, photos: Path):
    (tmp_path / "blocky.py").write_text(
        BLOCKY.format(name="Blocky", end=f"return {ENLARGED}[margin - start :, margin - start :][:height, :width]")
    )
    checked = bappsmith("distortions", "check", "blocky.py", "--out", "looks")
    assert (checked.status, checked.out.splitlines()[-1]) == (0, "blocky: keeps the contract")
    assert all(len(line) <= 100 for line in checked.out.splitlines())
    assert sorted(p.name for p in (tmp_path / "looks").iterdir()) == ["blocky-256.png", "blocky-64.png"]
    assert "blocky" in json.loads(bappsmith("distortions", "list", "--plugin", "blocky.py", "--json").out)
    shown = bappsmith("distortions", "show", "--plugin", "blocky.py", "--out", "strips", "--side", 256)
    assert shown.out.splitlines()[:2] == ["blocky (custom)", "  Square blocks of one colour."]
    assert [p.name for p in (tmp_path / "strips").iterdir()] == ["blocky-256.png"]
    paged = bappsmith("distortions", "catalogue", "blocky", "jpeg", "--plugin", "blocky.py", "--out", "pages", "--json")
    assert json.loads(paged.out) == {"index": "pages/index.md", "operators": 2, "problems": {}}
    assert (tmp_path / "pages/operators/blocky.md").exists()
    subsets = [{"path": "2afc/train/own", "triplets": 5, "distort": {"operators": ["blocky"], "length": [1]}}]
    own = write_recipe(tmp_path / "own.yaml", {"path": str(photos)}, subsets=subsets)
    assert bappsmith("generate", own, "--out", "own", "--plugin", "blocky.py").status == 0
    replay = ("replay", "own", "2afc/train/own", 0, "--photos", photos, "--plugin", "blocky.py")
    assert bappsmith(*replay).status == 0
    registry._operators.pop("blocky")
    assert "not bappsmith's own (blocky); give the file" in error(bappsmith(*replay[:-2]))
    (tmp_path / "blocky.py").write_text((tmp_path / "blocky.py").read_text() + "\n# edited\n")
    ran = bappsmith(*replay)
    assert (ran.status, "operator blocky was" in ran.out) == (0, True)


def test_a_broken_operator_is_told_what_is_wrong(bappsmith, tmp_path: Path):
    (tmp_path / "shrink.py").write_text(BLOCKY.format(name="Shrink", end="return small"))
    ran = bappsmith("distortions", "check", "shrink.py")
    assert ran.status == 1
    assert "shrink: breaks the contract" in ran.out
    assert "shape" in ran.out


def test_the_catalogue_lists_every_operator(bappsmith):
    assert set(json.loads(bappsmith("distortions", "list", "--json").out)) >= set(operators())
    assert "gaussian_blur" in bappsmith("distortions", "list").out


def test_the_list_is_filtered_by_family_tag_and_set(bappsmith):
    def listed(*options: str) -> set[str]:
        return set(json.loads(bappsmith("distortions", "list", *options, "--json").out))

    assert listed("--family", "blur") == {name for name, op in operators().items() if op.family == "blur"}
    assert listed("--tag", "displacement") == {name for name, op in operators().items() if "displacement" in op.tags}
    assert listed("--set", "contexts") == set(named_set("contexts"))
    assert listed("--set", "bapps-traditional", "--family", "compression") == {"jpeg"}
    assert "did you mean 'blur'" in error(bappsmith("distortions", "list", "--family", "blurr"))
    assert "unknown tag 'moving'" in error(bappsmith("distortions", "list", "--tag", "moving"))
    assert "did you mean 'contexts'" in error(bappsmith("distortions", "list", "--set", "context"))


def test_names_are_whole_where_no_terminal_is(bappsmith, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = bappsmith("distortions", "list").out.splitlines()
    for name, op in operators().items():
        words = [name, op.family, card(op).summary]
        assert any(all(word in line for word in words) for line in lines)


def test_a_card_says_what_is_known_of_an_operator(bappsmith):
    out = bappsmith("distortions", "show", "cubic_warp", "context_blur").out
    op = operators()["cubic_warp"]
    for words in (op.source, op.parameters["amount"].describe(), "tags: displacement", "severity: fitted", "damage"):
        assert words in out
    assert "severity: not comparable, saturates" in out
    facts = json.loads(bappsmith("distortions", "show", "jpeg", "--json").out)["jpeg"]
    assert set(facts["values"]) == {"64", "128", "256"}
    assert facts["microseconds"]["64"] > 0
    assert "strip" not in facts


def test_strips_show_ones_own_photographs(bappsmith, tmp_path: Path, photos: Path):
    shown = json.loads(bappsmith("distortions", "show", "jpeg", "--out", "s", "--photos", photos, "--json").out)
    assert shown["jpeg"]["strip"] == "s/jpeg-64.png"
    assert (tmp_path / "s/jpeg-64.png").exists()
    assert "no such folder" in error(bappsmith("distortions", "show", "jpeg", "--out", "s", "--photos", "nowhere"))
    assert "no photograph of at least 256×256 px" in error(
        bappsmith("distortions", "show", "jpeg", "--out", "s", "--side", 256, "--photos", photos)
    )


def test_an_operator_that_fails_is_one_readable_line(bappsmith, tmp_path: Path):
    (tmp_path / "fails.py").write_text(BLOCKY.format(name="Fails", end="return undefined"))
    shown = bappsmith("distortions", "show", "--plugin", "fails.py")
    assert shown.status == 0
    assert "cannot run here: operator 'fails' failed at fails.py:" in shown.out
    assert "operator 'fails' failed" in error(bappsmith("distortions", "show", "fails", "--out", "strips"))
    paged = bappsmith("distortions", "catalogue", "fails", "--plugin", "fails.py", "--out", "pages")
    assert paged.status == 0
    assert "fails: no pictures: operator 'fails' failed" in paged.err
    assert "No pictures: operator 'fails' failed" in (tmp_path / "pages/operators/fails.md").read_text(encoding="utf-8")


def test_a_folder_with_other_files_is_no_place_for_a_catalogue(bappsmith, tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine")
    assert "notes.txt" in error(bappsmith("distortions", "catalogue", "jpeg", "--out", tmp_path))


def test_violations_as_json(bappsmith, tmp_path: Path):
    (tmp_path / "shrink.py").write_text(BLOCKY.format(name="Shrink", end="return small"))
    checked = bappsmith("distortions", "check", "shrink.py", "--json")
    assert checked.status == 1
    shrink = json.loads(checked.out)["shrink"]
    assert any("shape" in violation for violation in shrink["violations"])
    assert shrink["figures"] is None


def test_banks_are_named_on_the_command_line(bappsmith, bank: Path, other_bank: Path):
    listed = json.loads(bappsmith("distortions", "list", "--bank", bank, "--bank", f"soft={other_bank}", "--json").out)
    cnn = {name for name, facts in listed.items() if facts["family"] == "cnn"}
    own = {"denoiser", "reweighted_denoiser"}
    assert cnn == {*own, *(f"soft_{name}" for name in own), "untrained_network"}
    assert "give this bank another name" in error(bappsmith("distortions", "list", "--bank", other_bank))


def test_the_figures_of_an_operator_are_printed_and_written_as_json(bappsmith, tmp_path: Path):
    made = bappsmith("distortions", "new", "my_haze")
    assert (made.status, made.out.split(":")[0]) == (0, "my_haze.py")
    assert "my_haze.py exists already" in error(bappsmith("distortions", "new", "my_haze"))
    checked = bappsmith("distortions", "check", "my_haze.py")
    assert (checked.status, checked.out.splitlines()[-1]) == (0, "my_haze: keeps the contract")
    heading = next(line for line in checked.out.splitlines() if "operator" in line)
    assert heading.split() == ["operator", "rim", "mirror", "phase", "reach", "64", "128", "256", "t", "64", "t", "256"]
    facts = json.loads(bappsmith("distortions", "check", "my_haze.py", "--json").out)["my_haze"]
    assert facts["violations"] == facts["pictures"] == []
    assert facts["figures"]["mirror_share"] == 0
    assert facts["figures"]["severe"] > 2 * facts["figures"]["mild"]
    assert len(facts["figures"]["sizes"]) == 3
    assert facts["times"] == [None, None]


def test_operators_that_this_machine_lacks_something_for_are_listed_and_refused(
    bappsmith, monkeypatch: pytest.MonkeyPatch, recipe: Path
):
    reason = "needs PyAV, which is not installed: pip install 'bappsmith[video]'"
    monkeypatch.setattr(type(operators()["h264"]), "unavailable", lambda _: reason)
    listed = json.loads(bappsmith("distortions", "list", "--json").out)
    assert (listed["h264"]["unavailable"], listed["jpeg"]["unavailable"]) == (reason, None)
    assert f"unavailable: {reason}" in bappsmith("distortions", "list").out
    assert f"cannot run here: operator 'h264' {reason}" in bappsmith("distortions", "show", "h264").out
    assert f"operator 'h264' {reason}" in error(bappsmith("distortions", "show", "h264", "--out", "strips"))
    with monkeypatch.context() as few:
        few.setattr(registry, "_operators", {name: operators()[name] for name in ("desaturate", "h264")})
        assert bappsmith("distortions", "show", "--out", "strips").status == 0
        assert [file.name for file in Path("strips").iterdir()] == ["desaturate-64.png"]
        assert f"h264: left out, {reason}" in bappsmith("distortions", "check").out
        assert f"h264: no pictures: operator 'h264' {reason}" in bappsmith("distortions", "catalogue").err
    recipe.write_text(recipe.read_text().replace("gaussian_blur", "h264"))
    refused = error(bappsmith("generate", recipe, "--out", "made"))
    assert f"operator 'h264' {reason}, or exclude h264" in refused
    assert not Path("made").exists()
