"""Escape text from outside for Markdown, so that it appears as it is and is never markup."""

from __future__ import annotations

import re

from bappsmith.manifests.plain_text import printable

_MARKUP = re.compile(r"[\\`*\[\]|~$]|<(?=[a-zA-Z/!?])|&(?=[a-zA-Z#])|(?<![^\W_])_|_(?![^\W_])")
"""Characters that can begin code, emphasis, a link, HTML, an entity, a formula or a cell of a table. An underscore
between letters cannot, and neither can < and & before a space."""
_LINE_START = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[#>+=-]))")
"""Beginnings of a line that can start a heading, a quotation, a list or a rule."""


def inline(text: str) -> str:
    """Escape text for a paragraph, a list item or a cell: one line, control characters as escapes."""
    return _LINE_START.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", printable(text.strip(" "))))


def prose(text: str) -> str:
    """Escape text of several lines as `inline` does, after joining the lines."""
    return inline(" ".join(text.split()))


def code_span(text: str) -> str:
    """Return text as code, with enough backquotes around it."""
    shown = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    padding = " " if "`" in shown else ""
    return f"{fence}{padding}{shown}{padding}{fence}"
