"""A real server on a real study, and a browser before it."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from bappsmith.annotation.pages.texts import read_texts
from bappsmith.annotation.server.app import make_app
from bappsmith.annotation.server.serve import listen, public_address
from bappsmith.annotation.server.settings import ServerSettings
from bappsmith.annotation.study.settings import JustNoticeable, StudySettings, TwoAlternatives
from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.study.study import Study

PATIENCE_MS = 20_000
QUICK = StudySettings(
    votes=1,
    afc=TwoAlternatives(items=8, sentinels=3, repeats=1, training=2, show_ms=200),
    jnd=JustNoticeable(items=4, sentinels=3, training=2, first_ms=100, gap_ms=50, second_ms=100),
    break_every=50,
)


class Lab:
    """A study, and a server that can be stopped and started again at the same address."""

    def __init__(self, folder: Path, dataset: Path, subset: str, settings: StudySettings, language: str) -> None:
        self.source = DatasetSource(dataset, [subset])
        self.subset = subset
        self.study = Study.create(folder, self.source, settings)
        self.texts = read_texts(language, folder / "texts")
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listening = listen("127.0.0.1", self.port)
        self.port = listening.getsockname()[1]
        address = public_address("127.0.0.1", self.port, None)
        settings = ServerSettings(address, self.texts, return_url="https://lab.example/complete?cc=1")
        app = make_app(self.study, settings)
        config = uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)

    def close(self) -> None:
        self.stop()
        self.study.close()


@pytest.fixture
def open_lab(tmp_path: Path, finished: dict[str, Path]) -> Iterator[Callable[..., Lab]]:
    """A function: task, settings, own texts (path in the study → Markdown), language → a running `Lab`."""
    labs: list[Lab] = []

    def make(
        task: str = "2afc",
        settings: StudySettings = QUICK,
        texts: dict[str, str] | None = None,
        language: str = "en",
    ) -> Lab:
        folder = tmp_path / f"study{len(labs)}"
        for name, text in (texts or {}).items():
            path = folder / "texts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        subset = {"2afc": "2afc/train/a", "jnd": "jnd/val/a"}[task]
        labs.append(Lab(folder, finished["folders"], subset, settings, language))
        return labs[-1]

    yield make
    for lab in labs:
        lab.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the one in BAPPSMITH_CHROMIUM, the system's, or Playwright's own.

    Playwright runs an event loop in this thread. It ends with the module: other tests run loops of their own.
    """
    with sync_playwright() as playwright:
        system = os.environ.get("BAPPSMITH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        executable = system or playwright.chromium.executable_path
        if not Path(executable).exists():
            pytest.skip("no Chromium found: install it, or run `playwright install chromium`")
        arguments = ["--no-sandbox", "--force-color-profile=srgb"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens a page in a context of its own. Errors of its scripts fail the test."""
    contexts, errors = [], []

    def make(width: int = 1000, height: int = 700, scale: float = 1, **options: object) -> Page:
        viewport = {"width": width, "height": height}
        context = browser.new_context(viewport=viewport, device_scale_factor=scale, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert errors == []
