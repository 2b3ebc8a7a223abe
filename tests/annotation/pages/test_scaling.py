"""Pictures are enlarged by whole factors of device pixels: what is on the screen is compared dot by dot."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from bappsmith.annotation.study.settings import StudySettings, TwoAlternatives

from .conftest import Lab
from .person import Person, question

pytestmark = pytest.mark.slow

UNTIMED = StudySettings(votes=1, afc=TwoAlternatives(items=6, sentinels=0, repeats=0, training=0, show_ms=0))
CANVASES = """() => [...document.querySelectorAll('.picture')].map(picture => {
    const canvas = picture.querySelector('canvas'), area = canvas.getBoundingClientRect();
    return {place: picture.dataset.place, width: canvas.width, height: canvas.height,
            x: area.left * devicePixelRatio, y: area.top * devicePixelRatio};
})"""


def begin(lab: Lab, page: Page) -> str:
    page.goto(lab.url)
    for screen in ("consent", "instructions-2afc"):
        page.wait_for_selector(f"[data-screen={screen}]")
        page.keyboard.press("Enter")
    return Person(page, "2afc").wait(question()) or ""


@pytest.mark.parametrize("scale", [1, 1.25, 1.5, 2, 2.625, 3])
@pytest.mark.parametrize("size", [(1000, 700), (390, 844), (733, 611)])
def test_every_dot_of_a_picture_is_a_square_of_device_pixels(
    scale: float, size: tuple[int, int], open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    lab, page = open_lab("2afc", UNTIMED), open_page(*size, scale)
    showing = begin(lab, page)
    screen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    canvases = page.evaluate(CANVASES)
    assert {canvas["place"] for canvas in canvases} == {"ref", "left", "right"}
    with page.expect_request("**/api/answers") as request:
        page.keyboard.press("ArrowLeft")
    timing = request.value.post_data_json["answers"][0]["timing"]
    assert (timing["dpr"], timing["warnings"]) == (scale, [])
    factor = int(timing["factor"])
    assert factor == timing["factor"] > 1
    for canvas in canvases:
        body = page.request.get(f"{lab.url}/picture/{showing}/{canvas['place']}.png").body()
        picture = np.asarray(Image.open(io.BytesIO(body)).convert("RGB"))
        height, width = picture.shape[0] * factor, picture.shape[1] * factor
        x, y = round(canvas["x"]), round(canvas["y"])
        assert canvas["x"] == pytest.approx(x, abs=0.1)
        assert canvas["y"] == pytest.approx(y, abs=0.1)
        expected = picture.repeat(factor, 0).repeat(factor, 1)
        shown = screen[y : y + height, x : x + width]
        assert np.array_equal(shown, expected), f"{canvas['place']} at scale {scale}"
        assert (screen[y : y + canvas["height"], x + width : x + canvas["width"]] == 128).all()
    assert (screen[2, 2] == 128).all()  # the grey around them


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_left_stays_left_in_every_language(
    direction: str, open_lab: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    texts = {"ar/consent.md": "مرحبا", "ar/labels.md": "## left\nيسار\n\n## right\nيمين\n"}
    language = "ar" if direction == "rtl" else "en"
    lab, page = open_lab("2afc", UNTIMED, texts, language), open_page()
    begin(lab, page)
    assert page.get_attribute("html", "dir") == direction
    assert page.get_attribute("html", "lang") == language
    places = {canvas["place"]: canvas["x"] for canvas in page.evaluate(CANVASES)}
    assert places["left"] < places["ref"] < places["right"]
    boxes = [page.locator(f".answer[data-choice={side}]").bounding_box() for side in ("left", "right")]
    assert boxes[0]["x"] < boxes[1]["x"]
    with page.expect_request("**/api/answers") as request:
        page.keyboard.press("ArrowLeft")
    assert request.value.post_data_json["answers"][0]["choice"] == "left"


def test_nothing_scrolls_during_questions(open_lab: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab = open_lab("2afc", UNTIMED)
    for width, height in [(390, 844), (844, 390), (320, 568), (1280, 800)]:
        page = open_page(width, height, 2)
        begin(lab, page)
        reach = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert reach == [width, height]
        for canvas in page.evaluate(CANVASES):
            assert canvas["y"] >= 0
        foot = page.locator(".answers").bounding_box()
        assert foot is not None
        assert foot["y"] + foot["height"] <= height


@pytest.mark.parametrize(
    ("room", "ratio", "stacked", "factor"),
    [((1280, 560), 1, False, 1), ((2560, 1120), 2, False, 2), ((1170, 1700), 3, True, 2), ((780, 1000), 2, True, 1)],
)
def test_photographs_stand_where_they_are_largest(
    room: tuple[int, int],
    ratio: float,
    stacked: bool,
    factor: int,
    open_lab: Callable[..., Lab],
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    page.goto(open_lab().url)
    placed = page.evaluate(
        """async ([width, height, ratio]) => {
            const { arrange } = await import("/static/layout.js");
            return arrange("similar", { width: 512, height: 341 }, { width, height }, ratio);
        }""",
        [*room, ratio],
    )
    query, candidate = placed["boxes"]["query"], placed["boxes"]["candidate"]
    assert placed["factor"] == factor
    assert (query["x"] == candidate["x"], query["y"] == candidate["y"]) == (stacked, not stacked)
