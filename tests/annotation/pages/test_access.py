"""For everybody: contrast, keyboard, labels, less motion, warnings, and texts of a laboratory."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from bappsmith.annotation.study.settings import StudySettings, TwoAlternatives

from .conftest import Lab
from .person import Person, question

pytestmark = pytest.mark.slow

UNTIMED = StudySettings(
    votes=1, afc=TwoAlternatives(items=6, sentinels=0, repeats=0, training=0, show_ms=0), break_every=2
)
FAINT = """() => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = numbers(getComputedStyle(e).backgroundColor);
            if (colour.length < 4 || colour[3] === 1) return colour;
        }
        return numbers(getComputedStyle(document.documentElement).backgroundColor);
    };
    const texts = [...document.querySelectorAll('body *')].filter(e => e.checkVisibility()
        && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()));
    return texts.map(e => {
        const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
        return [e.textContent.trim(), (a + .05) / (b + .05)];
    }).filter(([, contrast]) => contrast < 4.5);
}"""


def to_question(lab: Lab, page: Page) -> None:
    page.goto(lab.url)
    for screen in ("consent", "instructions-2afc"):
        page.wait_for_selector(f"[data-screen={screen}]")
        page.keyboard.press("Enter")
    page.wait_for_selector(question())


def test_all_text_has_contrast(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab, page = open_lab("2afc", UNTIMED), open_page()
    page.goto(lab.url)
    for screen in ("consent", "instructions-2afc"):
        page.wait_for_selector(f"[data-screen={screen}]")
        assert page.evaluate(FAINT) == []
        page.keyboard.press("Enter")
    page.wait_for_selector(question())
    assert page.evaluate(FAINT) == []
    person = Person(page, "2afc")
    person.answer_until("[data-screen=break]")
    assert page.evaluate(FAINT) == []
    person.answer(10)
    person.read("thanks")
    assert page.evaluate(FAINT) == []


def test_everything_has_a_name_and_the_tab_key_reaches_it(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab("2afc", UNTIMED), open_page()
    page.goto(lab.url)
    page.wait_for_selector("[data-screen=consent]")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="I agree to take part")).to_be_focused()
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="No, thank you")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.wait_for_selector("[data-screen=instructions-2afc]")
    page.keyboard.press("Enter")
    page.wait_for_selector(question())
    expect(page.get_by_role("progressbar", name="Question 1 of 6")).to_be_visible()
    expect(page.get_by_role("img", name="Reference picture")).to_be_visible()
    expect(page.get_by_role("button", name="Left picture: choose as closer to the reference")).to_be_visible()
    assert page.get_attribute(".ask", "aria-live") == "polite"
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Left", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    with page.expect_request("**/api/answers") as request:
        page.keyboard.press("Enter")
    assert request.value.post_data_json["answers"][0]["choice"] == "right"


def test_less_motion_is_respected(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab = open_lab("2afc", UNTIMED)
    for wish, moves in [("reduce", "0s"), ("no-preference", "0.2s")]:
        page = open_page(reduced_motion=wish)
        to_question(lab, page)
        assert page.evaluate("() => getComputedStyle(document.querySelector('.bar-done')).transitionDuration") == moves


def test_html_in_a_consent_is_shown_as_text(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    evil = "# Of <b>us</b>\n\n<script>document.title = 'bad'</script>\n\n<img src=x onerror=\"document.title='bad'\">"
    texts = {"consent.md": evil, "labels.md": "## consent-agree\n<i>Yes</i>\n"}
    lab, page = open_lab("2afc", UNTIMED, texts), open_page()
    page.goto(lab.url)
    text = Person(page, "2afc").read("consent")
    assert "Of <b>us</b>" in text
    assert "<script>" in text
    assert page.locator("[data-screen=consent] :is(b, img, script, i)").count() == 0
    expect(page.get_by_role("button", name="<i>Yes</i>")).to_be_visible()
    assert page.title() == "Comparing pictures"


def test_whoever_declines_is_asked_nothing(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab, page = open_lab("2afc", UNTIMED), open_page()
    page.goto(lab.url)
    page.get_by_role("button", name="No, thank you").click()
    expect(page.locator(".line")).to_have_text("You have not taken part. You can close this page.")
    page.reload()
    page.wait_for_selector("[data-screen=consent]")
    assert lab.study.progress().answers == 0


def test_a_window_that_is_too_small_is_told_and_logged(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    large = io.BytesIO()
    Image.fromarray(np.zeros((700, 700, 3), np.uint8)).save(large, "PNG")
    lab, page = open_lab("2afc", UNTIMED), open_page()

    def enlarge(route: Route) -> None:
        route.fulfill(body=large.getvalue(), content_type="image/png")

    page.route("**/picture/**", enlarge)
    page.goto(lab.url)
    person = Person(page, "2afc")
    for screen in ("consent", "instructions-2afc"):
        person.read(screen)
        page.keyboard.press("Enter")
    assert "too small" in person.read("warning-small")
    page.set_viewport_size({"width": 2400, "height": 1700})
    page.wait_for_selector(question())  # it goes away by itself
    page.set_viewport_size({"width": 1000, "height": 700})
    with page.expect_request("**/api/answers") as request:
        page.keyboard.press("ArrowLeft")
    timing = request.value.post_data_json["answers"][0]["timing"]
    assert timing["resized"] is True
    assert timing["warnings"] == ["small"]
    assert timing["factor"] < 1
    person.answer_until("[data-screen=warning-small]")
    page.get_by_role("button", name="Continue anyway").click()
    person.answer(4)
    person.answer_until("[data-screen=thanks]")  # not warned of again


def test_zooming_with_two_fingers_is_told(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab, page = open_lab("2afc", UNTIMED), open_page(390, 844, 2, is_mobile=True, has_touch=True)
    to_question(lab, page)
    protocol = page.context.new_cdp_session(page)
    protocol.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    with page.expect_request("**/api/answers") as request:
        page.keyboard.press("ArrowLeft")
    assert request.value.post_data_json["answers"][0]["timing"]["warnings"] == ["zoom"]
    Person(page, "2afc").read("warning-zoom")
    protocol.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
    page.wait_for_selector(question())
