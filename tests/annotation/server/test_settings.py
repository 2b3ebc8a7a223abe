import pytest

from bappsmith.annotation.server.settings import check_return_url
from bappsmith.manifests.errors import BappsmithError


def test_a_complete_address():
    url = "https://app.prolific.com/submissions/complete?cc=C1"
    assert check_return_url(url) == url
    assert check_return_url(None) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.prolific.com",
        "javascript:alert(1)//https://a",
        "data:text/html,x",
        "https://",
        "http://[::1",
        "https://a\nb",
        "https://a/\x1b[31m",
        " https://a",
    ],
)
def test_whatever_else_is_refused_in_one_line(url):
    with pytest.raises(BappsmithError, match="return URL") as refused:
        check_return_url(url)
    assert str(refused.value).isprintable()
