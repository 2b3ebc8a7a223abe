"""The whole way of a person, from consent to thanks, by keyboard, against the real server."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from bappsmith.annotation.study.settings import JustNoticeable, StudySettings, TwoAlternatives

from .conftest import Lab
from .person import Person, question

FORTY = StudySettings(
    votes=1,
    afc=TwoAlternatives(items=30, sentinels=5, repeats=5, training=3, show_ms=150),
    jnd=JustNoticeable(items=5, sentinels=5, training=2, first_ms=100, gap_ms=50, second_ms=100),
    break_every=15,
)


def check_votes(lab: Lab, person: Person, left: dict[str, str]) -> None:
    """Compare the votes of the study with what was pressed. `left`: id of a showing → which patch stood left."""
    rows = {row["place"]: row for row in lab.study.votes().to_pylist() if row["role"] != "training"}
    assert len(rows) == len(person.pressed)
    for showing, pressed in person.pressed.items():
        row = rows[person.places[showing]]
        assert row["reason"] != "early"
        wanted = pressed
        if person.task == "2afc":
            other = {"p0": "p1", "p1": "p0"}
            wanted = left[showing] if pressed == "left" else other[left[showing]]
        assert row["choice"] == wanted, showing
        assert row["response_ms"] > 0
        assert row["shown_ms"] == pytest.approx(person.sent[showing]["timing"]["shown_ms"])


def which_left(lab: Lab, page: Page, person: Person) -> dict[str, str]:
    """Compare the pictures at the left with those of the dataset: id of a showing → "p0" or "p1"."""
    rows = {row["place"]: row for row in lab.study.votes().to_pylist() if row["role"] != "training"}
    left = {}
    for showing in person.pressed:
        row = rows[person.places[showing]]
        if row["index"] is None:
            left[showing] = "p1" if row["p1_left"] else "p0"  # a sentinel is no item of the dataset
            continue
        body = page.request.get(f"{lab.url}/picture/{showing}/left.png").body()
        shown = np.asarray(Image.open(io.BytesIO(body)))
        images = lab.source.pictures(row["subset"], row["index"])
        left[showing] = "p0" if np.array_equal(shown, images["p0"]) else "p1"
        assert np.array_equal(shown, images[left[showing]])
    return left


def report_timing(person: Person) -> None:
    """Print how long pictures stood against how long they should. Read with `pytest -s`."""
    rows = [answer["timing"] for answer in person.sent.values() if answer["timing"]["asked_ms"] > 0]
    whole = [row for row in rows if row["shown_ms"] > row["asked_ms"] - row["frame_ms"] / 2]
    off = [(row["shown_ms"] - row["asked_ms"]) / row["frame_ms"] for row in whole]
    asked = sorted({row["asked_ms"] for row in rows})
    print(
        f"\n{person.task}: asked {asked} ms; {len(whole)} of {len(rows)} showings stood to their end, "
        f"off by {np.mean(off):+.2f} frames on average, at most {np.abs(off).max():.2f}"
    )


@pytest.mark.slow
def test_a_person_answers_40_questions_by_keyboard_with_a_reload_and_a_lost_connection(
    open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab("2afc", FORTY), open_page()
    person = Person(page, "2afc")
    person.begin(lab.url)
    person.answer(12)
    page.reload()
    page.wait_for_selector(question())
    person.answer(6)
    page.context.set_offline(True)
    person.answer(4)
    page.context.set_offline(False)
    person.answer(100)
    text = person.read("thanks")
    assert page.get_attribute(".extra a", "href") == "https://lab.example/complete?cc=1"
    assert page.inner_text("output") in text
    assert len(person.pressed) == 40
    check_votes(lab, person, which_left(lab, page, person))
    assert lab.study.check() == []
    report_timing(person)


@pytest.mark.slow
def test_a_person_answers_a_jnd_block_by_keyboard(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab, page = open_lab("jnd", FORTY), open_page(390, 844, 3, is_mobile=True, has_touch=True)
    person = Person(page, "jnd")
    person.begin(lab.url)
    count = person.answer(100)
    person.read("thanks")
    assert count == len(person.pressed) >= 8
    check_votes(lab, person, {})
    steps = next(iter(person.sent.values()))["timing"]["steps"]
    assert [step["asked_ms"] for step in steps] == [100, 50, 100]
    report_timing(person)
