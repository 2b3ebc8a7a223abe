"""Pages of the catalogue as Markdown: one per operator, and lists by family, tag and named set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bappsmith.distortions.base import SIDE
from bappsmith.manifests.markdown import code_span, inline, prose
from bappsmith.manifests.recipe.distort import SET, TAG

from .card import SEVERITY_WORDS, Card
from .cells import HEADINGS, severity_cells

TITLE = "Catalogue of distortions"
LEVELS = {64: (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0), 256: (0.0, 0.3, 0.5, 1.0)}
"""Side of the patches in strips, px → severities that are shown: as many as fit on a page without being reduced."""
SIDES = tuple(LEVELS)
YARDSTICK = "yardstick of severities"
_DAMAGE = f"Damage in points of people's mean scores, of 1 to 5, as the {YARDSTICK} measures it."
_CODE = re.compile(r"(`+[^`]+`+)")
_SEVERITIES = {
    "fitted": "Fitted: equal severities do about equal damage in people's eyes, at any size of patches.",
    "declared": "Not fitted: severity runs from the mild to the severe end of the range.",
    "incomparable": "Not comparable with those of other operators, for example because a publication gives the ends.",
}


@dataclass(frozen=True)
class Entry:
    """An operator in the catalogue.

    Attributes:
        card: what is known of it.
        pictures: names of its picture files by what they show: "thumbnail", "damage", "64" and "256"; those that could
            not be drawn are missing.
        microseconds: side of the patch, px → time at severity .5; empty if it could not run.
        problem: why it could not run here; empty: it could.
    """

    card: Card
    pictures: Mapping[str, str]
    microseconds: Mapping[int, float]
    problem: str = ""


def operator_page(entry: Entry) -> str:
    """Return the page of an operator. It lies in a folder beside `images/`, below the lists."""
    card = entry.card
    links = [f"[{inline(card.family)}](../index.md#{_anchor(card.family)})"]
    links += [f"[{code_span(TAG + tag)}](../tags.md#{_anchor(tag)})" for tag in card.tags]
    links += [f"[{code_span(SET + name)}](../sets.md#{_anchor(name)})" for name in card.sets]
    blocks = [f"# {inline(card.name)}", _text(card.summary), " · ".join(links), *_strips(entry)]
    blocks += map(_text, card.details)
    rows = [[code_span(name), inline(text)] for name, text in card.parameters.items()]
    blocks += ["## Parameters", _table(("parameter", "range"), rows)]
    blocks += ["## Severity", _SEVERITIES[card.severity]]
    if card.saturates:
        blocks.append("More severity can mean a smaller distance.")
    cells = severity_cells(card)
    if cells:
        blocks.append(_table(HEADINGS, [[inline(cell) for cell in row] for row in cells]))
    if "damage" in entry.pictures:
        blocks.append(_picture("Damage over severity", f"../images/{entry.pictures['damage']}"))
        blocks.append(_DAMAGE)
    blocks += ["## Facts", _table(("fact", "value"), _facts(entry)), "## Use", *_use(card)]
    return _page(blocks)


def list_page(title: str, lead: Sequence[str], groups: Mapping[str, Iterable[Entry]]) -> str:
    """Return a page with a table of operators per group.

    Args:
        title: of the page.
        lead: paragraphs at the top, Markdown.
        groups: heading → operators.
    """
    blocks = [f"# {title}", *lead]
    for heading, entries in groups.items():
        rows = [_row(entry) for entry in entries]
        columns = ("", "operator", "what it does", "severity", *(f"µs, {side} px" for side in SIDES))
        blocks += [f"## {inline(heading)}", _table(columns, rows)]
    return _page(blocks)


def _row(entry: Entry) -> list[str]:
    card = entry.card
    link = f"operators/{card.name}.md"
    picture = ""
    if "thumbnail" in entry.pictures:
        thumbnail = _picture(card.name, f"images/{entry.pictures['thumbnail']}")
        picture = f"[{thumbnail}]({link})"
    times = [f"{entry.microseconds[side]:,.0f}" if side in entry.microseconds else "–" for side in SIDES]
    return [picture, f"[{inline(card.name)}]({link})", _text(card.summary), SEVERITY_WORDS[card.severity], *times]


def _strips(entry: Entry) -> list[str]:
    if entry.problem:
        return [f"No pictures: {inline(entry.problem)}"]
    return [
        _picture(f"Patches of {side} px at rising severity", f"../images/{entry.pictures[str(side)]}") for side in SIDES
    ]


def _facts(entry: Entry) -> list[list[str]]:
    card = entry.card
    times = (f"{entry.microseconds[side]:,.0f} µs at {side} px" for side in SIDES if side in entry.microseconds)
    portable = (
        "the same pixels on every processor"
        if card.portable
        else "no: the pixels change with the processor's SIMD level"
    )
    around = f"up to {card.margin} px around a patch of {SIDE} px, at severity 1" if card.margin else "none"
    facts = {
        "source": inline(card.source),
        "speed": f"{', '.join(times) or '–'} (processor time at severity .5, on the machine that built this page)",
        "portable": portable,
        "light": "linear" if card.light == "linear" else "sRGB levels",
        "surroundings": around,
        "degradation": ", ".join(map(code_span, card.degradation)),
        "needs": inline("; ".join(map(str, card.needs))),
    }
    return [[name, value] for name, value in facts.items() if value]


def _use(card: Card) -> list[str]:
    lines = ["```python", f'bappsmith.distort(image, "{card.name}", severity=0.5)', "```"]
    recipe = ["```yaml", f"distort: {{operators: [{card.name}]}}", "```"]
    return ["\n".join(lines), "\n".join(recipe)]


def _text(text: str) -> str:
    """Escape text of a docstring; code in it stays code."""
    parts = (code_span(part.strip("`")) if part.startswith("`") else _outside(part) for part in _CODE.split(text))
    return "".join(parts)


def _outside(part: str) -> str:
    """Escape a part between code; the spaces at its ends stay."""
    before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{before}{prose(part)}{after}" if part.strip() else part


def _anchor(heading: str) -> str:
    """Return the anchor that forges and mkdocs give to a heading."""
    return re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-"))


def _picture(words: str, file: str) -> str:
    return f"![{inline(words)}]({file})"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _page(blocks: Iterable[str]) -> str:
    return "\n\n".join(blocks) + "\n"
