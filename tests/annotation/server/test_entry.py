"""The door: who comes in, with what cookie, and what is left in address and database."""

import base64

import pytest
from starlette.testclient import TestClient

from bappsmith.annotation.pages.texts import read_texts
from bappsmith.annotation.server.address import PublicAddress
from bappsmith.annotation.server.app import make_app
from bappsmith.annotation.server.cookie import cookie_name
from bappsmith.annotation.server.settings import ServerSettings
from bappsmith.annotation.study.study import Study

from .conftest import SETTINGS, Browser, link


def cookie_of(reply):
    return reply.headers["set-cookie"]


@pytest.mark.parametrize(
    "query", ["", "?task=jnd", "?PROLIFIC_PID=5f00aa&STUDY_ID=1&SESSION_ID=2", "?workerId=A1&assignmentId=B&hitId=C"]
)
def test_the_door_leads_on_without_any_identity(browser, query):
    reply = browser.enter(query)
    assert reply.status_code == 303
    assert reply.headers["location"] == "/judge"
    cookie = cookie_of(reply)
    for part in ("bappsmith-", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie


def test_a_personal_link(browser, study):
    assert browser.enter(link(study, 7)).status_code == 303
    browser.post("open")
    assert [person.id for person in study.people()] == [study.secret.person("link", "7")]


def test_a_get_draws_nothing_and_makes_no_session(browser, other_browser, study):
    """Mail programs and browsers fetch links before anybody opens them."""
    for query in ("", "?task=jnd", link(study, 1)):
        for _ in range(3):
            browser.enter(query)
            browser.client.head("/" + query)
    for path in ("/judge", "/texts.json"):
        browser.client.get(path)
    progress = study.progress()
    assert (progress.sessions, progress.open, progress.answers) == (0, 0, 0)


def test_a_crawler_makes_no_people(browser, study):
    for _ in range(5):
        browser.client.cookies.clear()
        browser.enter()
    assert study.people() == []


def test_a_browser_that_comes_again_goes_on(browser):
    first = browser.open("")
    assert "set-cookie" not in browser.enter().headers
    assert browser.post("open").json()["session"] == first["session"]


@pytest.mark.parametrize(
    "forge",
    [
        lambda t: t[:-1],
        lambda t: t + "A",
        lambda t: "A" + t,
        lambda t: t.replace(".", ""),
        lambda t: "",
        lambda t: "x" * 1500,
    ],
)
def test_a_forged_link_is_refused(browser, study, forge):
    token = study.secret.token("link", "1")
    reply = browser.enter(f"?link={forge(token)}")
    assert reply.status_code == 403
    assert "set-cookie" not in reply.headers
    assert study.people() == []


def test_the_token_of_another_purpose_opens_no_link(browser, study):
    assert browser.enter(f"?link={study.secret.token('status', '')}").status_code == 403
    assert browser.client.get(f"/status?token={study.secret.token('link', '')}").status_code == 403


@pytest.mark.parametrize("kind", ["session", "entry"])
def test_a_forged_cookie_is_refused(browser, study, kind):
    browser.open()
    token = study.secret.token(kind, '{"person": "me"}')
    payload, _, mark = token.partition(".")
    changed = (
        base64.urlsafe_b64encode(base64.urlsafe_b64decode(payload + "==").replace(b"me", b"us")).rstrip(b"=").decode()
    )
    for forged in (f"{changed}.{mark}", payload, "", "x"):
        browser.client.cookies.set(cookie_name(study.secret), forged)
        for name in ("open", "next", "answers", "stage", "finish"):
            bodies = {
                "next": {"count": 1},
                "answers": {"answers": [{"id": "A" * 22, "choice": "left"}]},
                "stage": {"stage": "training"},
            }
            body = bodies.get(name, {}) | ({} if name in ("open", "answers") else {"tab": "t"})
            assert (
                browser.client.post(
                    f"/api/{name}", json=body, headers={"Cookie": f"{cookie_name(study.secret)}={forged}"}
                ).status_code
                == 403
            )
        assert (
            browser.client.get(
                f"/picture/{'A' * 22}/ref.png", headers={"Cookie": f"{cookie_name(study.secret)}={forged}"}
            ).status_code
            == 403
        )


def test_studies_on_one_machine_share_no_cookie(browser, source, tmp_path):
    """Browsers send a cookie to every port of a host."""
    opened = browser.open()
    settings = ServerSettings(address=PublicAddress.parse("http://127.0.0.1:8001"), texts=read_texts())
    with (
        Study.create(tmp_path / "other", source, SETTINGS) as study,
        TestClient(make_app(study, settings), base_url="http://127.0.0.1:8001", follow_redirects=False) as client,
    ):
        client.cookies = browser.client.cookies  # one browser
        assert Browser(client).open()["session"] != opened["session"]
    assert browser.client.get("/").status_code == 303
    assert browser.post("open").json()["session"] == opened["session"]


def test_without_a_cookie_the_api_says_what_to_do(client):
    for name, body in {"open": {}, "next": {"tab": "t", "count": 1}, "finish": {"tab": "t"}}.items():
        reply = client.post(f"/api/{name}", json=body)
        assert reply.status_code == 403
        assert "open your link again" in reply.json()["error"]


def test_a_session_that_is_gone(browser, study):
    browser.client.cookies.set(cookie_name(study.secret), study.secret.token("session", "A" * 22))
    assert browser.post("open").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?task=dance", 400),
        ("?task=2afc&task=jnd", 400),
        ("?PROLIFIC_PID=%3Cscript%3E", 400),
        ("?PROLIFIC_PID=a'%20OR%201=1;--", 400),
        ("?PROLIFIC_PID=" + "a" * 65, 400),
        ("?PROLIFIC_PID=%ff", 400),
        ("?a=" + "b" * 3000, 414),
        ("?" + "&".join(f"a{n}=1" for n in range(50)), 400),
        ("?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H", 403),
    ],
)
def test_bad_parameters_are_refused_on_a_page_that_repeats_nothing(browser, study, query, status):
    reply = browser.enter(query)
    assert reply.status_code == status
    assert reply.headers["content-type"].startswith("text/html")
    assert "<script>" not in reply.text
    assert "OR 1=1" not in reply.text
    assert "set-cookie" not in reply.headers
    assert study.people() == []


def test_identities_are_nowhere_in_the_study(browser, study, tmp_path):
    browser.open("?PROLIFIC_PID=5f00aaZEBRA&STUDY_ID=STUDYZEBRA&SESSION_ID=VISITZEBRA&task=jnd")
    browser.to_questions()
    browser.answer_all("same")
    browser.post("finish", tab=browser.tab)
    for path in (tmp_path / "study").rglob("*"):
        if path.is_file():
            assert b"ZEBRA" not in path.read_bytes(), path
