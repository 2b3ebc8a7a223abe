"""The catalogue in a folder: every link and picture is there, and nothing else is lost."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from markdown_it import MarkdownIt

from bappsmith.distortions import Distortion, Severity, operator, register
from bappsmith.distortions.catalogue.build import build_catalogue
from bappsmith.distortions.catalogue.pages import SIDES
from bappsmith.distortions.patches import natural_views
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.named_sets import named_set, named_sets

VIEWS = {side: natural_views(1, side, 32) for side in SIDES}
NAMES = ("jpeg", "shift", "context_blur")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pages") / "catalogue"
    result = build_catalogue([operator(name) for name in NAMES], VIEWS, out, "test")
    assert result.index == out / "index.md"
    assert result.problems == {}
    assert result.size == sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    return out


@pytest.fixture
def earlier(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "catalogue"))


def html(file: Path) -> str:
    return MarkdownIt("commonmark").enable("table").render(file.read_text(encoding="utf-8"))


def test_links_lead_to_files_and_headings_and_every_picture_is_shown(built: Path) -> None:
    shown = set()
    for page in built.rglob("*.md"):
        for target in re.findall(r'(?:href|src)="([^"]+)"', html(page)):
            file, _, anchor = target.partition("#")
            path = (page.parent / file).resolve()
            assert path.is_file(), (page, target)
            shown.add(path)
            if anchor:
                headings = re.findall(r"<h2>(.*?)</h2>", html(path))
                assert anchor in [heading.lower().replace(" ", "-") for heading in headings], (page, target)
    assert shown == {file for file in built.rglob("*") if file.is_file()}


def test_a_page_says_what_the_operator_is(built: Path) -> None:
    page = html(built / "operators" / "jpeg.md")
    for words in ("Baseline JPEG", "90 … 5 of 100", "damage, points", "Zhang et al. 2018", "µs at 256 px", "15 px"):
        assert words in page
    assert "<table>" in page
    assert "Damage over severity" not in html(built / "operators" / "context_blur.md")


def test_lists_are_by_family_tag_and_set(built: Path) -> None:
    def headings(name: str) -> list[str]:
        return re.findall(r"<h2>(.*?)</h2>", html(built / name))

    assert headings("index.md") == ["compression", "spatial", "contexts"]
    assert headings("tags.md") == ["displacement"]
    assert headings("sets.md") == [name for name in named_sets() if set(NAMES) & set(named_set(name))]


def test_pictures_show_severity(built: Path) -> None:
    both = cv2.imread(str(built / "images" / "context_blur-thumbnail.webp")).astype(int)
    assert both.shape == (128, 256, 3)
    before = VIEWS[64][0].centre[..., ::-1].repeat(2, 0).repeat(2, 1)
    assert np.abs(both[:, :128] - before).mean() < 6
    assert np.abs(both[:, 128:] - before).mean() > 10
    strip = cv2.imread(str(built / "images" / "shift-256.webp"))
    assert strip.shape == (304, 1044, 3)


def test_an_earlier_catalogue_is_replaced(earlier: Path) -> None:
    build_catalogue([operator("shift")], VIEWS, earlier, "test")
    assert [page.name for page in (earlier / "operators").iterdir()] == ["shift.md"]
    assert [path.name for path in earlier.parent.iterdir()] == ["catalogue"]


@pytest.mark.parametrize("other", ["notes.txt", "operators/jpeg.md.bak", ".hidden"])
def test_other_files_are_never_lost(earlier: Path, other: str) -> None:
    (earlier / other).write_text("mine")
    with pytest.raises(BappsmithError, match=rf"not of a catalogue \({re.escape(other)}\)"):
        build_catalogue([operator("shift")], VIEWS, earlier, "test")
    assert (earlier / "operators" / "jpeg.md").exists()


def test_a_site_with_an_index_of_its_own_is_no_catalogue(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# My site\n")
    with pytest.raises(BappsmithError, match=r"index\.md"):
        build_catalogue([operator("shift")], VIEWS, tmp_path, "test")
    with pytest.raises(BappsmithError, match="is a file"):
        build_catalogue([operator("shift")], VIEWS, tmp_path / "index.md", "test")


def test_an_operator_that_cannot_run_here_has_a_page_without_pictures(tmp_path: Path) -> None:
    @register
    class NeedsCodec(Distortion):
        """A codec, `x|y` of <b>them</b>."""

        source = "test *stars* | bars"
        level = Severity(1, 2, unit="levels")

        def apply(self, image, *, level):
            raise BappsmithError("the codec | is missing: install it")

    built = build_catalogue([operator("needs_codec")], VIEWS, tmp_path / "out", "test")
    assert built.problems == {"needs_codec": "the codec | is missing: install it"}
    page = html(tmp_path / "out" / "operators" / "needs_codec.md")
    assert "No pictures: the codec | is missing" in page
    assert "<td>test *stars* | bars</td>" in page
    assert "&lt;b&gt;" in page
    assert list((tmp_path / "out" / "images").iterdir()) == []


def test_nothing_is_left_of_a_build_that_fails(tmp_path: Path) -> None:
    @register
    class Slashed(Distortion):
        """A name that is no file name."""

        name = "a/b"
        source = "test"
        level = Severity(1, 2, unit="levels")

        def apply(self, image, *, level):
            return image.copy()

    with pytest.raises(BappsmithError, match="'a/b'"):
        build_catalogue([operator("a/b")], VIEWS, tmp_path / "out", "test")
    assert list(tmp_path.iterdir()) == []
