import pytest

from .conftest import Browser


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


def test_a_person_who_fails_the_sentinels_is_set_aside_and_shown(serving, finished, tmp_path, token, study):
    """Rules are applied after the session, without anybody asking."""
    browser = Browser(serving())
    browser.open("?task=2afc")
    browser.to_questions()
    browser.answer_all()
    browser.post("finish", tab=browser.tab)
    page = browser.client.get("/status" + token).text
    assert "sentinels right" in page
