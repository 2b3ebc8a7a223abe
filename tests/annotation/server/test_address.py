import pytest

from bappsmith.annotation.server.address import PublicAddress, is_loopback
from bappsmith.manifests.errors import BappsmithError

PUBLIC = PublicAddress.parse("https://study.example.org")
LOCAL = PublicAddress("http", "127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("url", "back"),
    [
        ("https://study.example.org", "https://study.example.org"),
        ("https://Study.Example.org/", "https://study.example.org"),
        ("http://lab:8080", "http://lab:8080"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://lab:443", "https://lab"),
    ],
)
def test_an_address_is_read_and_written(url, back):
    assert PublicAddress.parse(url).url == back


@pytest.mark.parametrize(
    "url",
    [
        "study.example.org",
        "ftp://lab",
        "https://",
        "https://lab/sub",
        "https://lab?x=1",
        "https://me@lab",
        "http://lab:99999",
        "http://[::1",
        "https://<script>",
        "https://a b",
        "https://bücher.example",
    ],
)
def test_an_address_with_less_or_more_is_refused(url):
    with pytest.raises(BappsmithError, match="public URL"):
        PublicAddress.parse(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.3.2.1", "::1"])
def test_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "localhost.example.org"])
def test_not_loopback(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "header", ["study.example.org", "study.example.org:443", "localhost:9999", "127.0.0.1", "[::1]:8000"]
)
def test_a_host_that_is_served(header):
    assert PUBLIC.serves(header)


@pytest.mark.parametrize(
    "header",
    [
        "evil.example",
        "study.example.org.evil.example",
        "study.example.org:80",
        "",
        "a/b",
        "me@study.example.org",
        "[::1",
        "lab:x",
    ],
)
def test_a_host_that_is_not_served(header):
    assert not PUBLIC.serves(header)


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"}, True),
        ({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}, True),
        ({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8001"}, False),
        ({"host": "127.0.0.1:8000", "origin": "https://evil.example"}, False),
        ({"host": "127.0.0.1:8000", "origin": "null"}, False),
        ({"host": "127.0.0.1:8000", "origin": "http://[::1"}, False),
        ({"host": "localhost:2222", "origin": "http://localhost:2222"}, True),
        ({"host": "evil.example", "origin": "http://evil.example"}, False),
        ({"host": "127.0.0.1:8000", "sec-fetch-site": "cross-site"}, False),
        ({"host": "127.0.0.1:8000", "sec-fetch-site": "same-site"}, False),
    ],
)
def test_origin_of_a_post(headers, same):
    assert LOCAL.same_origin(headers) is same


def test_behind_a_proxy_the_public_origin_counts():
    assert PUBLIC.same_origin({"host": "127.0.0.1:8000", "origin": "https://study.example.org"})
