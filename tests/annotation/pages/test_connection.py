"""Nothing is lost: server down, reload, two tabs, a full disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import Lab
from .person import Person, question

pytestmark = pytest.mark.slow


def stored(lab: Lab) -> int:
    return sum(row["role"] != "training" for row in lab.study.votes().to_pylist())


def kept(page: Page) -> int:
    return page.evaluate("() => Object.keys(localStorage).filter(key => key.startsWith('bappsmith/')).length")


def test_answers_given_while_the_server_is_down_are_sent_when_it_is_back(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    person.answer(2)
    page.wait_for_selector(question(next(reversed(person.pressed))))
    lab.stop()
    given = 0
    while given < 20 and page.locator("[data-screen=connection]").count() == 0:
        given += person.answer(1)
        page.wait_for_timeout(900)  # longer than the page waits before it explains itself
        expect(page.locator(".notice")).to_have_text("Not connected. Your answers are kept and will be sent.")
    assert 1 <= given <= 8
    assert "Your answers are kept" in person.read("connection")
    assert kept(page) >= given
    assert page.locator("[data-screen=thanks]").count() == 0
    before = stored(lab)
    lab.start()
    person.answer(100)
    person.read("thanks")
    assert before < stored(lab) == len(person.pressed) == 12
    assert kept(page) == 0
    expect(page.locator(".notice")).to_have_text("")
    assert lab.study.check() == []


def test_a_reload_without_connection_loses_no_answer(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    person.answer(1)
    page.route("**/api/answers", lambda route: route.abort())
    person.answer(2)
    page.wait_for_timeout(300)
    assert kept(page) >= 2
    page.unroute_all()
    page.reload()
    person.answer(100)
    person.read("thanks")
    assert stored(lab) == len(person.pressed) == 12


def test_an_answer_whose_acknowledgement_was_lost_is_stored_once(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    lost = []

    def lose(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.fetch().status)  # it reaches the server; the reply does not reach the browser
            route.abort()
        else:
            route.continue_()

    page.route("**/api/answers", lose)
    person.answer(100)
    person.read("thanks")
    assert lost == [200, 200]
    assert stored(lab) == len(person.pressed) == 12


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_page_of_a_proxy_is_no_refusal_and_loses_no_answer(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page], status: int
) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    refused = []

    def refuse(route: Route) -> None:
        if len(refused) < 3:
            refused.append(status)
            route.fulfill(status=status, body="<h1>nginx</h1>", content_type="text/html")
        else:
            route.continue_()

    page.route("**/api/answers", refuse)
    person.answer(100)
    person.read("thanks")
    assert refused == [status] * 3
    assert stored(lab) == len(person.pressed) == 12


def test_a_second_tab_takes_over_and_the_answers_of_the_first_are_sent(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, first = open_lab(), open_page()
    person = Person(first, "2afc")
    person.begin(lab.url)
    person.answer(2)
    second = first.context.new_page()
    successor = Person(second, "2afc")
    second.goto(f"{lab.url}/judge")
    second.wait_for_selector(question())
    first.bring_to_front()
    person.answer_until("[data-screen=other-tab]")
    assert "another tab" in person.read("other-tab")
    second.bring_to_front()
    successor.answer(100)
    successor.read("thanks")
    assert stored(lab) == 12
    assert kept(second) == 0
    assert {**successor.pressed, **person.pressed}.keys() >= set(person.pressed)
    assert lab.study.check() == []


def test_a_full_disk_is_told_and_no_thanks_appear(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    person.answer(2)
    page.wait_for_timeout(300)
    full = True

    def refuse(route: Route) -> None:
        if full:
            route.fulfill(status=507, json={"error": "The server cannot store answers now."})
        else:
            route.continue_()

    page.route("**/api/**", refuse)
    person.answer_until("[data-screen=disk-full]")
    assert "none of them is lost" in person.read("disk-full")
    before = stored(lab)
    assert kept(page) >= 1
    full = False
    person.answer(100)
    person.read("thanks")
    assert before < stored(lab) == 12


def test_whoever_comes_again_after_the_end_gets_no_false_thanks(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    person.answer(100)
    text = person.read("thanks")
    assert "close this page" not in text  # there is somewhere to go back to
    page.reload()
    assert person.read("thanks") == text
    lab.stop()
    lab.return_url = None
    lab.start()
    page.reload()
    assert "close this page" in person.read("thanks")
    assert page.locator(".extra a").count() == 0
    stranger = open_page()
    stranger.goto(f"{lab.url}/?link=forged")
    expect(stranger.locator("h1")).to_have_text("This link does not work")


def test_a_dataset_that_changed_ends_the_study_with_a_clear_page(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    page.route("**/picture/**", lambda route: route.fulfill(status=503, json={"error": "The pictures changed."}))
    page.goto(lab.url)
    for screen in ("consent", "instructions-2afc", "training"):
        person.read(screen)
        page.keyboard.press("Enter")
    assert "cannot go on" in person.read("study-closed")


def test_a_session_that_the_server_refuses_ends_with_a_page_that_stays(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab(), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    page.route("**/api/answers", lambda route: route.fulfill(status=403, json={"error": "No cookie."}))
    person.answer_until("[data-screen=link-invalid]")
    for key in ("ArrowLeft", "f", "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    assert "No cookie." in person.read("link-invalid")
    assert kept(page) >= 1
