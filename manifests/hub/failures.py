"""Turn failures of the Hub and of the network into one readable line."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

_BY_STATUS = {
    401: "there is no token, or the Hub refuses it; run `hf auth login`",
    402: "the Hub asks for payment for this; see the storage of the account on its page",
    403: "the token may not do this; make a token with write access to it, and run `hf auth login`",
    429: "the Hub receives too many requests from this address; wait some minutes, and run the same command again",
}
"""Status of a response → what it means, and what to do."""


def require_hub() -> None:
    """Check that huggingface_hub is installed.

    Raises:
        BappsmithError: it is not installed.
    """
    try:
        import huggingface_hub  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise BappsmithError("huggingface_hub is not installed: pip install 'bappsmith[hub]'") from error


@contextmanager
def readable_failures(name: str) -> Generator[None]:
    """Raise one readable line for every failure of the Hub or the network inside of the `with` block.

    Args:
        name: of the repository, for the error.

    Raises:
        BappsmithError: a request failed.
    """
    from huggingface_hub.errors import HFValidationError

    try:
        yield
    except HFValidationError as error:
        raise BappsmithError(
            f"{printable(name, 200)}: not the name of a repository; give USER/NAME, of letters, digits, '-', '_' and "
            "'.', at most 96 characters"
        ) from error
    except Exception as error:
        if not (isinstance(error, OSError | ValueError | RuntimeError) or _of_the_hub(error) or _of_http(error)):
            raise
        raise BappsmithError(f"{name}: {_reason(error)}") from error


def _of_the_hub(error: BaseException) -> bool:
    """Whether this is an error of huggingface_hub. Its classes have no base of their own."""
    return type(error).__module__.startswith("huggingface_hub")


def _of_http(error: BaseException) -> bool:
    """Whether this is an error of the HTTP client. Versions of huggingface_hub use different clients."""
    from huggingface_hub.errors import HfHubHTTPError

    return isinstance(error, tuple(base for base in HfHubHTTPError.__bases__ if issubclass(base, Exception)))


def _reason(error: BaseException) -> str:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    # Errors of an upload in a thread, and of a download that huggingface_hub then looked for in its cache.
    if isinstance(error, RuntimeError | LocalEntryNotFoundError) and error.__cause__ is not None:
        return _reason(error.__cause__)
    if isinstance(error, OfflineModeIsEnabled):
        return "the Hub is switched off by HF_HUB_OFFLINE; unset it"
    if isinstance(error, GatedRepoError):
        return "its owner decides who may read it; ask for access on its page, and run `hf auth login`"
    if isinstance(error, RepositoryNotFoundError):
        return "no such repository, or it is private and the token may not read it; check the name, or `hf auth login`"
    if isinstance(error, RevisionNotFoundError):
        return "no such revision; give a branch, a tag or a commit of it"
    if isinstance(error, EntryNotFoundError):
        return f"a file is missing from it ({_short(error)})"
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        if status >= 500:
            return f"the Hub fails with status {status}; run the same command again to go on"
        return f"the Hub refuses with status {status} ({_short(error)})"
    if _of_http(error) or isinstance(error, ConnectionError | TimeoutError):
        return f"no connection to the Hub ({_short(error)}); run the same command again to go on"
    return _short(error)


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return printable(text, 200)
