"""Items to look at, and a page in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, Kind
from bappsmith.manifests.viewer.items import ViewerItems

HOSTILE = "</script><img src=x onerror=document.title='pwned'><!--"
FAMILIES = {"jpeg": "compression", "gaussian_blur": "blur"}


def make_items(count: int = 40, kind: Kind = "2afc", side: int = 16, subset: str = "2afc/val/some") -> ViewerItems:
    """Items whose operators take turns, with two labellings and one metric. Photographs have hostile names."""
    random = np.random.default_rng(count)
    pictures = random.integers(0, 256, (count, len(IMAGE_FOLDERS[kind]), side, side, 3), np.uint8)
    names = ("jpeg", "gaussian_blur", HOSTILE)
    calls = [OperatorCall(names[k % 3], (k % 10) / 10, {"sigma": k / 3, "note": HOSTILE}) for k in range(count)]
    shares = np.linspace(0, 1, count)
    votes = np.full(count, 5, np.int32)
    sources = ("{}",) * count
    distances = (np.full(count, 0.5, np.float32), np.linspace(0, 1, count).astype(np.float32))
    return ViewerItems(
        subset=subset,
        kind=kind,
        total=2 * count,
        side=side,
        stems=[f"{2 * k:06d}" for k in range(count)],
        pictures=lambda: iter(list(pictures)),
        photos=[HOSTILE] * count,
        chains=[(Chain(), Chain((call,))) for call in calls],
        labellings=[
            Labelling("people", shares, votes, sources, dropped=(HOSTILE, *[""] * (count - 1))),
            Labelling("rule", 1 - shares, votes, sources),
        ],
        distances={"metric": distances if kind == "2afc" else distances[1:]},
        replay=f"bappsmith replay data {subset}",
    )


@pytest.fixture
def open_file(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens a page from its file. Errors, and what its policy forbids, fail the test."""
    contexts, errors = [], []

    def make(path: Path, width: int = 1000, height: int = 700, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        context.on("request", lambda request: errors.append(request.url) if request.url.startswith("http") else None)
        page = context.new_page()
        page.goto(path.resolve().as_uri())
        page.wait_for_selector(".card canvas[data-drawn]")
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []
