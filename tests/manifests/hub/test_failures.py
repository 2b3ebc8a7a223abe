"""Every failure of the Hub or the network is one readable line that says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.hub.failures import readable_failures

errors = pytest.importorskip("huggingface_hub.errors")


def answer(status: int) -> Any:
    """A response of the HTTP client that huggingface_hub uses."""
    from huggingface_hub.utils import get_session

    request = get_session().build_request("GET", "http://127.0.0.1/x")
    return errors.Response(status, request=request)


def of_status(status: int) -> Exception:
    return errors.HfHubHTTPError(f"status\n{status}", response=answer(status))


def in_thread(cause: Exception) -> Exception:
    error = RuntimeError("Error while uploading")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (of_status(401), "there is no token, or the Hub refuses it; run `hf auth login`"),
        (of_status(402), "asks for payment"),
        (of_status(403), "make a token with write access"),
        (of_status(429), "too many requests from this address; wait"),
        (of_status(503), "fails with status 503; run the same command again"),
        (of_status(418), r"refuses with status 418 \(status 418\)"),
        (errors.GatedRepoError("x", response=answer(403)), "ask for access on its page"),
        (errors.RepositoryNotFoundError("x", response=answer(401)), "no such repository, or it is private"),
        (errors.RevisionNotFoundError("x", response=answer(404)), "no such revision; give a branch"),
        (errors.EntryNotFoundError("a\nfile"), r"a file is missing from it \(a file\)"),
        (errors.OfflineModeIsEnabled("x"), "switched off by HF_HUB_OFFLINE; unset it"),
        (errors.HTTPError("timed out"), r"no connection to the Hub \(timed out\); run the same command again"),
        (TimeoutError(), r"no connection to the Hub \(TimeoutError\)"),
        (in_thread(of_status(403)), "make a token with write access"),
        (in_thread(errors.HTTPError("reset")), r"no connection to the Hub \(reset\)"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ValueError("Invalid metadata in README.md.\n- license"), r"Invalid metadata in README.md. - license"),
    ],
)
def test_one_line_names_the_repository_and_what_to_do(error: Exception, words: str):
    with (
        pytest.raises(BappsmithError, match=f"^someone/patches: .*{words}") as raised,
        readable_failures("someone/patches"),
    ):
        raise error
    assert str(raised.value).isprintable()


def test_mistakes_of_the_code_are_not_dressed_up():
    with pytest.raises(KeyError), readable_failures("someone/patches"):
        raise KeyError("x")
