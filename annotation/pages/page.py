"""HTML of the two pages that the server sends: the one on which people judge, and the one that says what went wrong."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from .texts import Texts

TEMPLATES = Path(__file__).parent / "templates"
_PAGE_OF_STATUS = {403: "link-invalid", 410: "nothing-left", 503: "study-closed", 507: "disk-full"}


def judge_page(texts: Texts) -> str:
    """Return the page on which people judge. It is the same for everybody; its scripts ask for the rest."""
    return _template("judge").substitute(_head(texts), no_script=texts.pages["no-script"])


def error_page(texts: Texts, status: int, detail: str = "", page: str | None = None) -> str:
    """Return a page that says what went wrong.

    Args:
        texts: the texts of the study.
        status: the HTTP status; chooses the text. Statuses without one of their own get the text `error`.
        detail: one line for the people who run the study; shown as plain text.
        page: key of the text, where the status does not tell it.
    """
    body = texts.pages[page or _PAGE_OF_STATUS.get(status, "error")]
    return _template("error").substitute(_head(texts), body=body, detail=escape(detail))


def _head(texts: Texts) -> dict[str, str]:
    return {
        "language": escape(texts.language),
        "direction": texts.direction,
        "title": escape(texts.labels["title"]),
    }


@cache
def _template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))
