"""Read docstrings of Google style: what a class does, and what its attributes are."""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(r"(Args|Attributes|Returns|Yields|Raises):")
_ENTRY = re.compile(r"    (\w+): (.*)")


def paragraphs(doc: str | None) -> list[str]:
    """Return the paragraphs before the first section, each on one line.

    Args:
        doc: a docstring; None: there is none.
    """
    text = "\n".join(_split(doc)[""])
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def attributes(doc: str | None) -> dict[str, str]:
    """Return the entries of the section "Attributes": name → text on one line.

    Args:
        doc: a docstring; None: there is none.
    """
    entries: dict[str, list[str]] = {}
    name = ""
    for line in _split(doc).get("Attributes", ()):
        entry = _ENTRY.fullmatch(line)
        if entry:
            name = entry[1]
            entries[name] = [entry[2]]
        elif name:
            entries[name].append(line)
    return {name: " ".join(" ".join(lines).split()) for name, lines in entries.items()}


def _split(doc: str | None) -> dict[str, list[str]]:
    """Return the lines of each section; those before the first one are under ""."""
    sections: dict[str, list[str]] = {"": []}
    lines = sections[""]
    for line in inspect.cleandoc(doc or "").splitlines():
        heading = _SECTION.fullmatch(line)
        if heading:
            lines = sections.setdefault(heading[1], [])
        else:
            lines.append(line)
    return sections
