"""What a lab tells the server, apart from the study: its address, its texts, and where people go at the end."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from bappsmith.annotation.pages.texts import Texts
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .address import PublicAddress


@dataclass(frozen=True)
class ServerSettings:
    """Settings of one running server. The study does not keep them.

    Attributes:
        address: where people reach the server.
        texts: what people read.
        return_url: page of a crowd platform that people are sent to at the end, or None.
        largest_body: bytes that a request may send. Fifty answers take about 15 KiB.
        body_seconds: time within which the body of a request must arrive.
        most_requests: requests that are handled at the same time. More are refused with 429, so memory stays bounded.
        answers_between_priorities: answers after which priorities of items are set anew, where they depend on votes.
            About one session, because one more answer changes little.
        threads: threads that wait for the database. All numbers are chosen here.
        picture_threads: threads that encode pictures.
    """

    address: PublicAddress
    texts: Texts
    return_url: str | None = None
    largest_body: int = 64 * 1024
    body_seconds: float = 20
    most_requests: int = 512
    answers_between_priorities: int = 100
    threads: int = 16
    picture_threads: int = 2


def check_return_url(url: str | None) -> str | None:
    """Return the address that people are sent to at the end.

    Raises:
        BappsmithError: it is no complete http or https address.
    """
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and parts.hostname is not None
    except ValueError:
        complete = False
    if not complete or not url.isprintable() or " " in url:
        raise BappsmithError(
            f"return URL '{printable(url, 200)}': give a complete address, such as https://app.prolific.com/submissions/complete?cc=CODE"
        )
    return url
