"""A person before the viewer, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bappsmith.manifests.viewer import page as module
from bappsmith.manifests.viewer.page import write_viewer

from .conftest import FAMILIES, HOSTILE, make_items

pytestmark = pytest.mark.slow
OpenFile = Callable[..., Page]
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A page with 40 triplets and 30 JND pairs."""
    path = tmp_path / "index.html"
    parts = [make_items(), make_items(30, "jnd", subset="jnd/val/other")]
    write_viewer(path, HOSTILE, parts, families=FAMILIES, links={"Overview": "overview.html"})
    return path


def shown(page: Page) -> str:
    return page.locator(".shown").inner_text()


def stems(page: Page) -> list[str]:
    """File names of the visible cards, in their order on the page."""
    cards = page.locator(".card:not([hidden])")
    order = cards.evaluate_all(
        "all => all.map(card => [Number(card.dataset.position), card.querySelector('.number').textContent])"
    )
    return [stem for _, stem in sorted(order)]


def test_pictures_are_those_of_the_dataset(path: Path, open_file: OpenFile):
    page = open_file(path)
    expected = list(make_items().pictures())
    for column in range(3):
        drawn = page.locator("#item-3 canvas[data-drawn]").nth(column).evaluate(PIXELS)
        np.testing.assert_array_equal(np.reshape(drawn, (16, 16, 4))[..., :3], expected[3][column])


def test_filters_work_by_keyboard(path: Path, open_file: OpenFile):
    page = open_file(path)
    assert shown(page) == "70 of 70 items, chosen from 140"
    page.keyboard.press("/")
    page.keyboard.type("gaussian")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page) == "23 of 70 items, chosen from 140"
    assert stems(page)[0] == "000002"
    judgment = page.get_by_label("Judgment, from")
    judgment.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert shown(page) == "11 of 70 items, chosen from 140"  # those of at least .5
    page.get_by_role("button", name="Clear all").press("Enter")
    assert shown(page) == "70 of 70 items, chosen from 140"
    page.get_by_label("Subset").select_option("jnd/val/other")
    assert shown(page) == "30 of 70 items, chosen from 140"


def test_disagreement_and_order(path: Path, open_file: OpenFile):
    page = open_file(path)
    page.get_by_label("Subset").select_option("2afc/val/some")
    page.get_by_label("Compare with").select_option("labelling rule")
    page.get_by_label("Sort by").select_option("disagreement")
    assert set(stems(page)[:2]) == {"000000", "000078"}  # judged 0 and 1 by one, 1 and 0 by the other
    page.get_by_label("Compare with").select_option("metric metric")
    page.get_by_label("Sort by").select_option("worst mistakes")
    assert stems(page)[0] in {"000000", "000078"}
    low = page.get_by_label("Disagreement, from")
    low.evaluate("input => { input.value = 19; input.dispatchEvent(new Event('input')); }")
    assert shown(page) == "4 of 70 items, chosen from 140"
    page.get_by_label("Judgments of").select_option("rule")  # which the metric agrees with
    assert shown(page) == "0 of 70 items, chosen from 140"


def test_one_item_flips_and_gives_the_command_that_makes_it_again(path: Path, open_file: OpenFile):
    page = open_file(path, permissions=["clipboard-read", "clipboard-write"])
    expected = list(make_items().pictures())
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    inspector = page.get_by_role("dialog", name="Item")
    expect(inspector).to_be_visible()
    canvas = inspector.locator("canvas[data-drawn]")
    for key, column in (("r", 0), ("1", 2), ("0", 1), ("Space", 2)):
        page.keyboard.press(key)
        drawn = np.reshape(canvas.evaluate(PIXELS), (16, 16, 4))[..., :3]
        np.testing.assert_array_equal(drawn, expected[1][column])
    side = canvas.evaluate("canvas => canvas.getBoundingClientRect().width")
    assert side % 16 == 0
    page.keyboard.press("+")
    assert canvas.evaluate("canvas => canvas.getBoundingClientRect().width") == side + 16
    page.keyboard.press("c")
    expect(inspector.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "bappsmith replay data 2afc/val/some 2"
    page.keyboard.press("ArrowRight")
    assert inspector.locator("textarea").input_value() == "bappsmith replay data 2afc/val/some 4"
    page.keyboard.press("Escape")
    expect(inspector).to_be_hidden()
    assert page.locator(".card.active .number").inner_text() == "000004"


def test_text_from_outside_is_text(path: Path, open_file: OpenFile):
    page = open_file(path)
    assert page.title() == HOSTILE
    page.keyboard.press("Enter")
    facts = page.locator(".facts")
    assert f"Not worth a label: {HOSTILE}" in facts.inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert HOSTILE in facts.locator("strong").all_inner_texts()[0]
    assert page.locator("img").count() == 0


def test_it_works_on_a_phone(path: Path, open_file: OpenFile):
    page = open_file(path, 390, 844, device_scale_factor=3, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Filters").tap()
    page.get_by_label("Subset").select_option("jnd/val/other")
    page.get_by_role("button", name="Show 30 items").tap()
    page.locator(".card:not([hidden])").first.tap()
    canvas = page.locator(".inspector canvas[data-drawn]")
    before = canvas.evaluate(PIXELS)
    canvas.tap()
    assert canvas.evaluate(PIXELS) != before
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_thousands_of_items_need_few_elements(tmp_path: Path, open_file: OpenFile, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "ONE_FILE_PIXELS", 100)
    write_viewer(tmp_path / "index.html", "Many", [make_items(20_000, side=2)], families=FAMILIES)
    page = open_file(tmp_path / "index.html")
    page.keyboard.press("End")
    expect(page.locator(".card.active .number")).to_have_text("039998")
    expect(page.locator("#item-19999 canvas[data-drawn]")).to_have_count(3)
    page.keyboard.press("PageUp")
    assert page.evaluate("document.querySelectorAll('*').length") < 1500


def test_a_filter_that_nothing_passes(path: Path, open_file: OpenFile):
    page = open_file(path)
    page.get_by_label("Severity, larger side, from").evaluate(
        "input => { input.value = 19; input.dispatchEvent(new Event('input')); }"
    )
    expect(page.get_by_text("No item passes these filters.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
