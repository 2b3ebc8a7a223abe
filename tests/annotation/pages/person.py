"""A person before the browser, who uses the keyboard only."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, Request, Response

KEYS = {
    "2afc": {"left": ("ArrowLeft", "f"), "right": ("ArrowRight", "j")},
    "jnd": {"same": ("s", "ArrowLeft"), "different": ("d", "ArrowRight")},
}


@dataclass
class Person:
    """Reads, presses keys, and remembers what was pressed for which question.

    Attributes:
        page: the tab.
        task: of the study.
        pressed: id of a showing → choice, in order; without training.
        places: id of a showing → its place in the session, as the server told.
        sent: id of a showing → the answer that the browser sent.
        dwell_ms: time from the pictures to the answer of every third question; the others are answered at once.
    """

    page: Page
    task: str
    pressed: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    dwell_ms: float = 300

    def __post_init__(self) -> None:
        self._draws = random.Random(7)
        self.page.on("response", self._hear)
        self.page.on("request", self._see)

    def _hear(self, response: Response) -> None:
        if response.url.endswith("/api/next") and response.ok:
            self.places.update({showing["id"]: showing["place"] for showing in response.json()["showings"]})

    def _see(self, request: Request) -> None:
        if request.url.endswith("/api/answers"):
            self.sent.update({answer["id"]: answer for answer in request.post_data_json["answers"]})

    def read(self, screen: str) -> str:
        """Wait for a screen and return its text."""
        self.page.wait_for_selector(f"[data-screen={screen}]")
        return self.page.inner_text(f"[data-screen={screen}]")

    def begin(self, url: str) -> None:
        """Come in, agree, read the instructions and do the training, all by Enter and keys of answers."""
        self.page.goto(url)
        for screen in ("consent", f"instructions-{self.task}", "training"):
            self.read(screen)
            self.page.keyboard.press("Enter")
        before = ""
        while True:
            now = self.wait(f"[data-screen=ready], {question(before)}")
            if now is None:
                break
            before = now
            self.press()
            self.page.wait_for_selector(".answers .primary")
            self.page.keyboard.press("Enter")
        self.page.keyboard.press("Enter")

    def wait(self, selector: str) -> str | None:
        """Wait for a question that can be answered, or another element; return the id of the question."""
        element = self.page.wait_for_selector(selector)
        assert element is not None
        return element.get_attribute("data-showing")

    def press(self) -> str:
        """Press a key of an answer drawn at random, and return the choice."""
        choice = self._draws.choice(sorted(KEYS[self.task]))
        self.page.keyboard.press(self._draws.choice(KEYS[self.task][choice]))
        return choice

    def answer(self, count: int) -> int:
        """Answer so many questions, or until the end; breaks are ended by Enter. Returns how many were answered."""
        for number in range(count):
            before = next(reversed(self.pressed), "")
            while True:
                now = self.wait(f"[data-screen=break], [data-screen=thanks], {question(before)}")
                if now is not None or self.page.locator("[data-screen=thanks]").count():
                    break
                self.page.keyboard.press("Enter")
                self.page.wait_for_selector(".question")
            if now is None:
                return number
            if number % 3 == 0:
                self.page.wait_for_timeout(self.dwell_ms)
            self.pressed[now] = self.press()
        return count

    def answer_until(self, selector: str) -> None:
        """Answer until an element appears."""
        for _ in range(100):
            before = next(reversed(self.pressed), "")
            now = self.wait(f"{selector}, {question(before)}")
            if now is None:
                return
            self.pressed[now] = self.press()
        raise AssertionError(f"{selector} never appeared")


def question(before: str = "") -> str:
    """Return a selector: a question that can be answered, and is not the one before."""
    return f'.question[data-open="true"]:not([data-showing="{before}"])[data-showing]'
