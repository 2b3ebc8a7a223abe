"""Texts that people read: Markdown shipped here, replaced key by key by a laboratory's own, rendered to safe HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.store.bounded import read_bounded

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

SHIPPED = Path(__file__).parent / "texts"
FALLBACK = "en"
LABELS = "labels"
LARGEST = 100_000  # bytes of one file; chosen here, 20 pages of text
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HEADING = re.compile(r"##\s+(\S+)\s*")


@dataclass(frozen=True)
class Texts:
    """Every text of the pages in one language.

    Attributes:
        language: tag of the language (BCP 47), such as "en" or "pt-BR".
        direction: "ltr" or "rtl".
        pages: HTML by key; safe to insert.
        labels: plain text by key; never HTML.
        untranslated: keys that are shown in English although the language is another.
    """

    language: str
    direction: str
    pages: dict[str, str]
    labels: dict[str, str]
    untranslated: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what the scripts of the pages read: language, direction, pages and labels."""
        return {"language": self.language, "direction": self.direction, "pages": self.pages, "labels": self.labels}


def read_texts(language: str = FALLBACK, folder: Path | None = None) -> Texts:
    """Read all texts of a language, a laboratory's own first.

    For each key the first of these counts: `folder/LANGUAGE/`, `folder/`, the shipped texts of the language, the
    shipped English ones. A page is a file `KEY.md`. Labels are sections `## KEY` of `labels.md`;
    each counts by itself.

    Args:
        language: tag of the language (BCP 47).
        folder: a laboratory's texts; may be missing.

    Raises:
        BappsmithError: for a tag that is none, a language without any text, an unknown key, a file that is too large or
            not UTF-8, and missing markdown-it-py.
    """
    if not _TAG.fullmatch(language):
        raise BappsmithError(f"language '{language}' is no language tag; give one such as en, de or pt-BR.")
    english_pages, english_labels = _read_folder(SHIPPED / FALLBACK)
    known_pages, known_labels = frozenset(english_pages), frozenset(english_labels)
    own = [SHIPPED / language]
    if folder is not None:
        own += [folder, folder / language]
    pages: dict[str, str] = {}
    labels: dict[str, str] = {}
    for place in own:
        more_pages, more_labels = _read_folder(place)
        for key in more_pages:
            if key not in known_pages:
                raise unknown_name(f"text {place / key}.md: its key", key, known_pages | {LABELS})
        for key in more_labels:
            if key not in known_labels:
                raise unknown_name(f"label in {place / LABELS}.md:", key, known_labels)
        pages |= more_pages
        labels |= more_labels
    if not pages and not labels:
        shipped = ", ".join(sorted(path.name for path in SHIPPED.iterdir()))
        where = f"write its texts into {folder / language}" if folder is not None else "write its texts into the study"
        raise BappsmithError(
            f"no text in language '{language}'. Shipped: {shipped}. To use it, {where} (docs/annotation.md)."
        )
    missing = sorted((known_pages - set(pages)) | (known_labels - set(labels)))
    markdown = _markdown()
    return Texts(
        language=language,
        direction="rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr",
        pages={key: markdown.render(text) for key, text in sorted({**english_pages, **pages}.items())},
        labels=dict(sorted({**english_labels, **labels}.items())),
        untranslated=tuple(missing),
    )


def _read_folder(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Read the pages (Markdown) and the labels of one folder; both are empty if it is missing."""
    pages: dict[str, str] = {}
    labels: dict[str, str] = {}
    if not folder.is_dir():
        return pages, labels
    for path in sorted(folder.glob("*.md")):
        text = _read_file(path)
        if path.stem == LABELS:
            labels = _split_labels(text, path)
        else:
            pages[path.stem] = text
    return pages, labels


def _read_file(path: Path) -> str:
    try:
        return read_bounded(path, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BappsmithError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None


def _split_labels(text: str, path: Path) -> dict[str, str]:
    """Read `## key` headings and the text below each; text before the first heading is a remark."""
    labels: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            key = str(heading[1])
            if key in labels:
                raise BappsmithError(f"label '{key}' stands twice in {path}; keep one.")
            labels[key] = ""
        elif key:
            labels[key] = f"{labels[key]} {line.strip()}".strip()
    for key, label in labels.items():
        if not label:
            raise BappsmithError(f"label '{key}' in {path} is empty; write its text below it, or leave the key out.")
    return labels


@cache
def _markdown() -> MarkdownIt:
    """Return the renderer: CommonMark without HTML and without pictures; links open beside the study."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        message = "the pages of annotation need markdown-it-py: pip install 'bappsmith[annotate]'."
        raise BappsmithError(message) from None
    markdown = MarkdownIt("commonmark", {"html": False}).disable("image")

    def open_link(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        tokens[index].attrSet("target", "_blank")
        tokens[index].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, index, options, env)

    markdown.add_render_rule("link_open", open_link)
    return markdown
