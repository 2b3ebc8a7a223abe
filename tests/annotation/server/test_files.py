import pytest

from bappsmith.annotation.pages.texts import read_texts


def test_the_page_loads_files_that_are_there(client):
    page = client.get("/judge")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>" not in page.text  # nothing inline: the policy forbids it
    assert " style=" not in page.text
    for name in ("judge.css", "judge.js", "icon.svg", "status.css"):
        assert client.get(f"/static/{name}").status_code == 200
    assert client.get("/static/judge.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/static/judge.css").headers["content-type"].startswith("text/css")


def test_texts(client):
    reply = client.get("/texts.json")
    assert reply.json() == read_texts().as_json()


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pages/page.py",
        "/static/..%2fpage.py",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/....//page.py",
        "/static//etc/passwd",
        "/static/judge.js%00.css",
        "/static/JUDGE.JS",
        "/static/",
        "/static",
        "/picture/../../secret.png",
        "/picture/%2e%2e%2f%2e%2e%2fsecret/ref.png",
        "/secret",
        "/votes.sqlite",
        "/judge/",
    ],
)
def test_no_path_leads_elsewhere(client, path):
    reply = client.get(path)
    assert reply.status_code in (403, 404)
    assert "import annotations" not in reply.text


def test_a_file_that_did_not_change_is_not_sent_again(client):
    first = client.get("/static/judge.js")
    again = client.get("/static/judge.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_html_of_a_lab_is_shown_as_text(serving, tmp_path):
    (tmp_path / "consent.md").write_text(
        "# Hello <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>", encoding="utf-8"
    )
    client = serving()
    texts = read_texts("en", tmp_path).pages["consent"]
    assert "<script>" not in texts
    assert "<img" not in texts
    assert client.get("/texts.json").headers["content-type"] == "application/json"
