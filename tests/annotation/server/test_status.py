import time

import pytest
from starlette.testclient import TestClient

from bappsmith.annotation.pages.texts import read_texts
from bappsmith.annotation.server.address import PublicAddress
from bappsmith.annotation.server.app import make_app
from bappsmith.annotation.server.settings import ServerSettings
from bappsmith.annotation.study.settings import StudySettings
from bappsmith.annotation.study.study import Study

from .conftest import ADDRESS, Browser


@pytest.fixture
def token(study):
    return f"?token={study.secret.token('status', '')}"


def test_status_needs_its_link(client):
    for path in ("/status", "/status.json", "/status?token=", "/status?token=a.b", "/status.json?token=" + "x" * 5000):
        reply = client.get(path)
        assert reply.status_code == 403


def test_an_empty_study(client, token):
    page = client.get("/status" + token)
    assert page.status_code == 200
    assert "0 of 22 votes (0 %)" in page.text
    assert "Nobody has answered yet." in page.text
    assert client.get("/status.json" + token).json()["progress"]["votes"] == 0


def test_the_page_is_without_scripts_and_hashes(browser, study, token):
    browser.open("?task=2afc")
    browser.to_questions()
    browser.answer_all()
    page = browser.client.get("/status" + token)
    assert "4 of 22 votes (18 %)" in page.text
    assert '<meta http-equiv="refresh" content="15">' in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    for person in study.people():
        assert person.id not in page.text
        assert person.id not in browser.client.get("/status.json" + token).text
    assert page.headers["cache-control"] == "no-store"


def test_rules_are_applied_after_a_session(tmp_path, source):
    """Somebody who always says "left" gets half of the sentinels wrong. Nobody has to ask for the rules."""
    strict = StudySettings.model_validate({"afc": {"items": 4, "sentinels": 15, "repeats": 0, "training": 0}})
    settings = ServerSettings(address=PublicAddress.parse(ADDRESS), texts=read_texts())
    with (
        Study.create(tmp_path / "strict", source, strict) as study,
        TestClient(make_app(study, settings), base_url=ADDRESS, follow_redirects=False) as client,
    ):
        browser = Browser(client)
        browser.open()
        browser.to_questions()
        browser.answer_all()
        browser.post("finish", tab=browser.tab)
        for _ in range(600):
            if study.people()[0].rule is not None:
                break
            time.sleep(0.05)
        assert study.people()[0].rule == "sentinels"
        assert study.progress().votes == 0
        page = client.get(f"/status?token={study.secret.token('status', '')}").text
        assert "1 set aside" in page
        assert "sentinels" in page


def test_priorities_follow_the_votes(tmp_path, source):
    informed = StudySettings.model_validate(
        {"next": "information", "jnd": {"items": 3, "sentinels": 0, "repeats": 0, "training": 0}}
    )
    settings = ServerSettings(address=PublicAddress.parse(ADDRESS), texts=read_texts(), answers_between_priorities=3)
    with (
        Study.create(tmp_path / "informed", source, informed) as study,
        TestClient(make_app(study, settings), base_url=ADDRESS, follow_redirects=False) as client,
    ):
        browser = Browser(client)
        browser.open("?task=jnd")
        browser.to_questions()
        browser.answer_all("same")

        def priorities():
            with study._database.reading() as connection:
                return [row["priority"] for row in connection.execute("SELECT priority FROM items WHERE votes > 0")]

        for _ in range(600):
            if max(priorities()) < 1:
                break
            time.sleep(0.05)
        assert 0 < max(priorities()) < 1  # items without votes stay at 1, and come first
