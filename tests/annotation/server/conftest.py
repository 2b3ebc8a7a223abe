"""A study with few questions, an application for it, and browsers of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from bappsmith.annotation.pages.texts import read_texts
from bappsmith.annotation.server.address import PublicAddress
from bappsmith.annotation.server.app import make_app
from bappsmith.annotation.server.settings import ServerSettings
from bappsmith.annotation.study.settings import StudySettings
from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.study.study import Study

ADDRESS = "http://127.0.0.1:8000"
SETTINGS = StudySettings.model_validate(
    {
        "votes": 2,
        "afc": {"items": 4, "sentinels": 1, "pass_mark": 0, "repeats": 0, "training": 1},
        "jnd": {"items": 3, "sentinels": 0, "repeats": 0, "training": 0},
    }
)


@pytest.fixture(scope="session")
def source(finished: dict[str, Path]) -> DatasetSource:
    return DatasetSource(finished["folders"], ["2afc/val/a", "jnd/val/a"])


@pytest.fixture
def study(tmp_path: Path, source: DatasetSource) -> Iterator[Study]:
    with Study.create(tmp_path / "study", source, SETTINGS) as made:
        yield made


@pytest.fixture
def serving(study: Study) -> Iterator[Callable[..., TestClient]]:
    """A function: settings of the server → a client of the running application, without cookies."""
    running: list[TestClient] = []

    def start(public_url: str = ADDRESS, **settings: Any) -> TestClient:
        address = PublicAddress.parse(public_url)
        app = make_app(study, ServerSettings(address=address, texts=read_texts(), **settings))
        client = TestClient(app, base_url=public_url, follow_redirects=False)
        client.__enter__()
        running.append(client)
        return client

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serving: Callable[..., TestClient]) -> TestClient:
    return serving()


@dataclass
class Browser:
    """A person's browser: the cookie is kept, and requests are those that the page sends."""

    client: TestClient
    tab: str = ""

    def enter(self, query: str = "") -> httpx.Response:
        return self.client.get("/" + query)

    def post(self, name: str, **body: Any) -> httpx.Response:
        return self.client.post(f"/api/{name}", json=body)

    def open(self, query: str = "?task=2afc") -> dict[str, Any]:
        assert self.enter(query).status_code == 303
        opened = self.post("open").json()
        self.tab = opened["tab"]
        return opened

    def to_questions(self) -> None:
        for stage in ("instructions", "training"):
            assert self.post("stage", tab=self.tab, stage=stage).status_code == 200
        self.answer_all()
        assert self.post("stage", tab=self.tab, stage="questions").status_code == 200

    def next(self, count: int = 12) -> list[dict[str, Any]]:
        return self.post("next", tab=self.tab, count=count).json()["showings"]

    def answer(self, showing: str, choice: str = "left", **more: Any) -> dict[str, Any]:
        reply = self.post("answers", answers=[{"id": showing, "choice": choice, "response_ms": 900.0, **more}])
        assert reply.status_code == 200, reply.text
        return reply.json()["receipts"][0]

    def answer_all(self, choice: str = "left") -> int:
        answered = 0
        while rows := self.next():
            for row in rows:
                assert self.answer(row["id"], choice)["status"] == "stored"
                answered += 1
        return answered


@pytest.fixture
def browser(client: TestClient) -> Browser:
    return Browser(client)


@pytest.fixture
def other_browser(client: TestClient) -> Browser:
    """Another person on another machine, at the same server."""
    return Browser(TestClient(client.app, base_url=ADDRESS, follow_redirects=False))


def link(study: Study, number: int) -> str:
    return f"?link={study.secret.token('link', str(number))}"
