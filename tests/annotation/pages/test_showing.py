"""One showing: what counts as an answer, and how long pictures stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bappsmith.annotation.study.settings import JustNoticeable, StudySettings, TwoAlternatives

from .conftest import Lab
from .person import Person, question

pytestmark = pytest.mark.slow

UNTRAINED = StudySettings(
    votes=1,
    afc=TwoAlternatives(items=6, sentinels=0, repeats=0, training=0, show_ms=600),
    jnd=JustNoticeable(items=4, sentinels=0, training=0, first_ms=400, gap_ms=100, second_ms=400),
)
HIDE = """state => {
    Object.defineProperty(document, "visibilityState", {value: state, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def begin(person: Person, url: str) -> None:
    """Go to the first question of a study without training."""
    person.page.goto(url)
    for screen in ("consent", f"instructions-{person.task}"):
        person.read(screen)
        person.page.keyboard.press("Enter")


def test_keys_before_the_pictures_stand_do_not_count(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    # A reference that stands for long: all presses come before the patch, also where the machine is slow.
    slow = UNTRAINED.model_copy(update={"jnd": UNTRAINED.jnd.model_copy(update={"first_ms": 4000})})
    lab, page = open_lab("jnd", slow), open_page()
    person = Person(page, "jnd")
    begin(person, lab.url)
    page.wait_for_selector(".question[data-showing]")
    for key in ("s", "d", "ArrowLeft"):  # before the cross, during it, and while the reference stands
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    page.locator(".answer").first.click(force=True)
    assert page.locator(".answer.chosen").count() == 0
    with page.expect_response("**/api/answers") as response:
        page.wait_for_selector(question())
        page.keyboard.press("d")
    response.value.finished()
    answer = response.value.request.post_data_json["answers"][0]
    assert answer["choice"] == "different"
    assert answer["timing"]["early_presses"] == 4
    assert answer["timing"]["early"] is False
    assert answer["response_ms"] > 0
    (row,) = lab.study.votes().to_pylist()
    assert (row["choice"], row["counted"]) == ("different", True)


def test_a_key_that_is_held_answers_once(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab, page = open_lab("2afc", UNTRAINED), open_page()
    person = Person(page, "2afc")
    begin(person, lab.url)
    first = person.wait(question())
    for _ in range(3):
        page.keyboard.down("j")  # without a release, each further one is a repetition
        page.wait_for_timeout(50)
    page.wait_for_selector(question(first or ""))
    page.keyboard.down("j")
    page.wait_for_timeout(200)
    assert page.locator(".answer.chosen").count() == 0
    assert len(person.sent) == 1


def test_pictures_give_way_to_placeholders_and_the_answer_is_awaited(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab("2afc", UNTRAINED), open_page()
    person = Person(page, "2afc")
    begin(person, lab.url)
    page.wait_for_selector(question())
    page.wait_for_timeout(1000)
    colours = page.evaluate(
        "() => [...document.querySelectorAll('canvas')].map(canvas => {"
        " const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
        " return [...new Set(Array.from({length: data.length / 4}, (_, i) => data.slice(4 * i, 4 * i + 3).join()))]; })"
    )
    assert colours == [["118,118,118"]] * 3
    with page.expect_request("**/api/answers") as request:
        page.locator(".picture[data-place=right]").click()
    answer = request.value.post_data_json["answers"][0]
    assert answer["choice"] == "right"
    assert answer["response_ms"] > 900
    timing = answer["timing"]
    assert timing["asked_ms"] == 600
    assert timing["frames"] > 1
    assert timing["warnings"] == []
    assert (timing["hidden"], timing["resized"], timing["replays"]) == (False, False, 0)
    print(f"\nasked 600 ms, shown {timing['shown_ms']} ms in {timing['frames']} frames of {timing['frame_ms']} ms")


def test_a_showing_that_was_hidden_is_shown_again(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab, page = open_lab("2afc", UNTRAINED), open_page()
    person = Person(page, "2afc")
    begin(person, lab.url)
    page.wait_for_selector(question())
    page.evaluate(HIDE, "hidden")
    page.wait_for_selector('.question[data-open="false"]')
    page.keyboard.press("ArrowLeft")  # nobody can have seen the pictures
    page.evaluate(HIDE, "visible")
    expect(page.locator(".ask")).to_have_text("The page was hidden. The pictures are shown again.")
    page.wait_for_selector(question())
    page.wait_for_timeout(700)
    with page.expect_request("**/api/answers") as request:
        page.keyboard.press("ArrowRight")
    answer = request.value.post_data_json["answers"][0]
    assert answer["choice"] == "right"
    assert answer["timing"]["replays"] == 1
    assert answer["timing"]["hidden"] is True
    assert answer["timing"]["early_presses"] == 1
    assert answer["timing"]["shown_ms"] > 500


def test_keys_with_modifiers_and_other_keys_are_no_answers(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab("2afc", UNTRAINED), open_page()
    person = Person(page, "2afc")
    begin(person, lab.url)
    page.wait_for_selector(question())
    for key in ("Control+f", "x", "ArrowUp", "s"):
        page.keyboard.press(key)
    assert page.locator(".answer.chosen").count() == 0
    with page.expect_request("**/api/answers") as request:
        page.keyboard.press("F")
    assert request.value.post_data_json["answers"][0]["choice"] == "left"
