"""Text from outside as a part of Markdown: it shows as it is, and is no markup."""

from __future__ import annotations

import re

from bappsmith.manifests.plain_text import printable

_MARKUP = re.compile(r"[\\`*\[\]|~$]|<(?=[a-zA-Z/!?])|&(?=[a-zA-Z#])|(?<![^\W_])_|_(?![^\W_])")
"""What can begin code, emphasis, a link, HTML, an entity, a formula or a cell of a table. An underscore between letters
is none of it, nor are < and & before a space."""
_LINE_START = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[#>+=-]))")
"""What can begin a heading, a quotation, a list or a rule."""


def inline(text: str) -> str:
    """Text for the inside of a paragraph, a list item or a cell: one line, control characters as escapes."""
    return _LINE_START.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", printable(text.strip(" "))))


def prose(text: str) -> str:
    """As `inline`, for sentences that a person wrote over several lines: these are joined."""
    return inline(" ".join(text.split()))


def code_span(text: str) -> str:
    """Text as code, in as many backquotes as it takes."""
    shown = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    padding = " " if "`" in shown else ""
    return f"{fence}{padding}{shown}{padding}{fence}"
