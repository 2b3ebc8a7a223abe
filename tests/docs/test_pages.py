"""What pages of docs/ say holds."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

DOCS = Path(__file__).resolve().parents[2] / "docs"


def section(page: Path, anchor: str) -> str:
    """Text below a heading, up to the next one of its level or above; without an anchor, of the whole page."""
    text = page.read_text(encoding="utf-8")
    if not anchor:
        return text
    lines = text.splitlines()
    for start, line in enumerate(lines):
        marks, _, title = line.partition(" ")
        if set(marks) == {"#"} and re.sub(r"[^\w-]", "", title.lower().replace(" ", "-")) == anchor:
            rest = lines[start + 1 :]
            ends = (n for n, after in enumerate(rest) if re.match(rf"#{{1,{len(marks)}}} ", after))
            return "\n".join(rest[: next(ends, len(rest))])
    raise AssertionError(f"{page.name} has no heading #{anchor}")


def test_figures_are_those_of_the_sections_that_they_link_to():
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \| \[[^]]+\]\(([^)#]+)#?([^)]*)\) \|$",
        (DOCS / "figures.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) > 20
    for what, figure, page, anchor in rows:
        text = section(DOCS / page, anchor)
        for number in re.findall(r"[\d.,]*\d(?:e-\d+)?", figure):
            assert re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", text), (what, number, page)


def test_the_picture_of_the_road_is_what_its_code_makes():
    (code,) = re.findall(r"```python\n(import cv2\n.*?)```", (DOCS / "road.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, np.ndarray] = {}
    exec(code, names)
    shown = cv2.imread(str(DOCS / "images/chain.webp"))[..., ::-1]
    for position, name in enumerate(("ref", "blurred", "p0", "p1")):
        patch = names[name].repeat(4, 0).repeat(4, 1).astype(float)
        drawn = shown[:, position * 268 : position * 268 + 256]
        assert abs(patch - drawn).mean() < 6, name  # the picture is a lossy WebP file
