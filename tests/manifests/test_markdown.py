"""Text from outside in Markdown: it shows as it is, and is no markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bappsmith.manifests.markdown import code_span, inline, prose
from bappsmith.manifests.plain_text import printable

MARKUP = [
    "#",
    "-",
    "+",
    "*",
    "_",
    "`",
    "|",
    "<b>",
    "&amp;",
    "[a](b)",
    "![a](b)",
    "$x$",
    "~~",
    "\\",
    "1. ",
    "1) ",
    "> ",
    "=",
    "\n",
    "    ",
]
TEXT = st.text() | st.lists(st.sampled_from([*MARKUP, "a", " "])).map("".join)
COMMONMARK = MarkdownIt("commonmark").enable("table").enable("strikethrough")


class Page(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(COMMONMARK.render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXT)
@settings(max_examples=200)
@example("# a")
@example("123456789. a")
@example("<script>alert(1)</script>")
@example("&lt;b&gt;")
@example("[a]: http://x")
def test_a_line_of_text_is_text_wherever_it_stands(text: str):
    shown = printable(text.strip(" "))
    assert Page(f"before {inline(text)} after").text.strip() == f"before {shown} after"
    page = Page(f"- {inline(text)} after")
    assert page.tags == ["ul", "li"]
    assert page.text.strip() == f"{shown} after".strip()
    page = Page(f"| a | b |\n|---|---|\n| {inline(text)} | last |")
    assert page.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert page.text.split()[-1] == "last"


@given(TEXT)
def test_code_is_code_to_its_end(text: str):
    page = Page(f"before {code_span(f'x{text}x')} after")
    assert page.tags == ["p", "code"]
    assert page.text.strip() == f"before x{printable(text)}x after"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("IMG_1234 (2).png", "IMG_1234 (2).png"),
        ("lightness_shift < jpeg & more > less", "lightness_shift < jpeg & more > less"),
        ("https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0/"),
        ("z\n\n# Judged by humans: yes\n.png", r"z\\n\\n# Judged by humans: yes\\n.png"),
        ("a\u202egnp.exe", r"a\\u202egnp.exe"),
        ("\x1b[31m", r"\\x1b\[31m"),
    ],
)
def test_ordinary_names_stay_readable_and_others_are_shown_as_escapes(text: str, shown: str):
    assert inline(text) == shown


def test_prose_of_several_lines_becomes_one():
    assert prose(" Made for\n\n# a test\u2028 of  é \n") == "Made for # a test of é"
