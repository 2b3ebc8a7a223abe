"""Write the tables of docs/calibration.md from what `bappsmith calibrate --json` measured.

    bappsmith calibrate --photos ~/photos --trunk-weights alexnet.pth --head-weights lpips_v0.1_alex_lin.pth \
        --out distortions/severity.json --json > calibration.json
    python benchmarks/calibrate.py calibration.json

The tables replace what stands between the marks in the page. Operators whose ends are published, and those that are
matched by eye, are not fitted and not listed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bappsmith.distortions.parameters import depends_on_severity
from bappsmith.distortions.registry import operator
from bappsmith.distortions.severity_curve import KNOTS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "calibration.md"
MARKS = ("<!-- tables: benchmarks/calibrate.py -->", "<!-- end of tables -->")


def table(measured: dict[str, dict[str, dict[str, list[float]]]]) -> str:
    """Return the tables: declared ends and positions; median distances before and after."""
    knots = " | ".join(f"{knot:g}" for knot in KNOTS[1:])
    lines = ["| operator | declared ends |", "|---|---|"]
    for name in measured:
        ends = (f"{key} {p.describe()}" for key, p in operator(name).parameters.items() if depends_on_severity(p))
        lines.append(f"| {name} | {'; '.join(ends)} |")
    for when, title in (("before", "from end to end"), ("after", "with the fitted table")):
        sides = list(next(iter(measured.values()))[when])
        lines += ["", f"Median distance at severity {knots.replace(' | ', ', ')}, {title}:", ""]
        lines += ["| operator |" + "".join(f" {side} px |" for side in sides), "|---|" + "---|" * len(sides)]
        for name, figures in measured.items():
            cells = (" ".join(f"{distance:.3f}" for distance in figures[when][side]) for side in sides)
            lines.append(f"| {name} | {' | '.join(cells)} |")
        for number, knot in enumerate(KNOTS[1:]):
            spread = [figures[when][side][number] for figures in measured.values() for side in sides]
            lines.append(f"{'' if number else chr(10)}- severity {knot:g}: {min(spread):.3f} to {max(spread):.3f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    measured = json.loads(parser.parse_args().measured.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{table(measured)}\n\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
