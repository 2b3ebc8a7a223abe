"""What is checked before any route, and the headers of every reply."""

import pytest

from bappsmith.annotation.server.headers import DEFAULT_HEADERS

from .conftest import ADDRESS, link

PATHS = [
    "/",
    "/judge",
    "/texts.json",
    "/static/judge.js",
    "/static/nothing.js",
    "/nothing",
    "/status",
    "/status.json",
    "/picture/a/b.png",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "BREW"])
def test_every_reply_carries_the_default_headers(client, path, method):
    reply = client.request(method, path)
    for name in DEFAULT_HEADERS:
        assert name in reply.headers, (path, method, reply.status_code)
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "server" not in reply.headers
    assert reply.status_code < 500


@pytest.mark.parametrize("path", ["/api/open", "/api/answers"])
def test_refusals_of_the_api_carry_them_too(client, path):
    for reply in (
        client.post(path),
        client.post(path, json={}),
        client.get(path),
        client.post(path, json={}, headers={"Host": "evil"}),
    ):
        assert reply.status_code >= 400
        assert all(name in reply.headers for name in DEFAULT_HEADERS)
        assert list(reply.json()) == ["error"]


def test_a_failure_of_the_server_is_one_line_for_people_and_a_traceback_for_the_lab(client, study, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("no such luck")

    monkeypatch.setattr(type(study), "session_of", fail)
    client.get("/?PROLIFIC_PID=5f00aa")
    reply = client.post("/api/open", json={})
    assert reply.status_code == 500
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "luck" not in reply.text
    assert "no such luck" in caplog.text
    assert "5f00aa" not in caplog.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "127.0.0.1/x"])
@pytest.mark.parametrize("path", ["/", "/judge", "/status.json"])
def test_a_foreign_host_is_refused(client, host, path):
    reply = client.get(path, headers={"Host": host})
    assert reply.status_code == 421
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "localhost:2222", "[::1]:8000"])
def test_this_machine_is_a_host(client, host):
    assert client.get("/judge", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_post_of_another_site_is_refused(browser, study, headers):
    browser.open()
    sessions = study.progress().sessions
    reply = browser.client.post("/api/open", json={}, headers=headers)
    assert reply.status_code == 403
    assert study.progress().sessions == sessions


def test_a_post_of_its_own_page_is_taken(client):
    client.get("/")
    assert (
        client.post("/api/open", json={}, headers={"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}).status_code
        == 200
    )


def test_no_reply_allows_other_origins(client):
    reply = client.options(
        "/api/open", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert reply.status_code == 204
    assert reply.headers["allow"] == "POST"
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_unknown_methods_name_those_that_are_known(client):
    assert client.put("/judge").status_code == 405
    assert set(client.put("/judge").headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert client.get("/api/answers").status_code == 405
    head = client.head("/judge")
    assert head.status_code == 200
    assert head.content == b""


def test_too_many_requests_at_once_are_asked_to_wait(serving):
    client = serving(most_requests=0)
    reply = client.post("/api/open", json={})
    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "2"


def test_https_has_secure_cookies_and_stays(serving, study):
    client = serving("https://study.example.org")
    reply = client.get("/" + link(study, 1))
    assert reply.headers["strict-transport-security"].startswith("max-age=")
    assert "Secure" in reply.headers["set-cookie"]
    assert client.post("/api/open", json={}, headers={"Origin": "https://study.example.org"}).status_code == 200
    assert client.post("/api/open", json={}, headers={"Origin": "http://study.example.org"}).status_code == 403
