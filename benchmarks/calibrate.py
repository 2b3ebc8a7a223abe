"""Write the tables and the picture of docs/calibration.md from what `bappsmith calibrate --json` measured.

    bappsmith calibrate --photos ~/photos --trunk-weights alexnet.pth --out severity.json --json > calibration.json
    python benchmarks/calibrate.py calibration.json

"before" is what severity meant until the run: the table that was there, or the declared ends. The tables replace what
stands between the marks in the page. Operators whose ends are published, and those that are
matched by eye, are not fitted and not listed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from bappsmith.distortions.parameters import depends_on_severity
from bappsmith.distortions.registry import operator
from bappsmith.distortions.severity_curve import KNOTS
from bappsmith.pipeline.calibration.fit import TARGETS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "calibration.md"
PICTURE = DOCS / "images" / "severity.png"
MARKS = ("<!-- tables: benchmarks/calibrate.py -->", "<!-- end of tables -->")
SHORT = 0.15
"""An operator that misses a target by a larger share of it is listed."""

Measured = dict[str, dict[str, dict[str, list[float]]]]
"""Name → "before" or "after" → side in px → damage at each of `KNOTS`."""


def ends_table(measured: Measured) -> list[str]:
    """Return the declared ends of every operator."""
    lines = ["| operator | declared ends |", "|---|---|"]
    for name in measured:
        ends = (f"{key} {p.describe()}" for key, p in operator(name).parameters.items() if depends_on_severity(p))
        lines.append(f"| {name} | {'; '.join(ends)} |")
    return lines


def spread_table(measured: Measured) -> list[str]:
    """Return how far operators are apart at one severity: standard deviation, 10th and 90th percentile."""
    lines = [
        "| severity | target | side, px | before: sd | 10 … 90 % | after: sd | 10 … 90 % |",
        "|---|---|---|---|---|---|---|",
    ]
    sides = list(next(iter(measured.values()))["after"])
    for number, (knot, target) in enumerate(zip(KNOTS, TARGETS, strict=True)):
        for label, chosen in (*((side, [side]) for side in sides), ("all", sides)):
            cells = []
            for when in ("before", "after"):
                values = [figures[when][side][number] for figures in measured.values() for side in chosen]
                low, high = np.percentile(values, (10, 90))
                cells += [f"{np.std(values):.2f}", f"{low:.2f} … {high:.2f}"]
            lines.append(f"| {'0+' if knot == 0 else f'{knot:g}'} | {target:g} | {label} | {' | '.join(cells)} |")
    return lines


def damage_table(measured: Measured, when: str) -> list[str]:
    """Return the damage of every operator at every knot."""
    sides = list(next(iter(measured.values()))[when])
    lines = ["| operator |" + "".join(f" {side} px |" for side in sides), "|---|" + "---|" * len(sides)]
    for name, figures in measured.items():
        cells = (" ".join(f"{damage:.2f}" for damage in figures[when][side]) for side in sides)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def short_list(measured: Measured) -> list[str]:
    """Return the operators that miss a target."""
    lines = []
    for name, figures in measured.items():
        for side, damage in figures["after"].items():
            missed = [
                f"{value:.2f} for {target:g}"
                for value, target in zip(damage, TARGETS, strict=True)
                if abs(value - target) > SHORT * target
            ]
            if missed:
                lines.append(f"- {name}, {side} px: {', '.join(missed)}")
    return lines


def draw(measured: Measured, path: Path) -> None:
    """Draw damage over severity, a line per operator; above as it was, below with the fitted table."""
    sides = list(next(iter(measured.values()))["after"])
    figure, axes = plt.subplots(2, len(sides), figsize=(10, 6), sharex=True, sharey=True, layout="constrained")
    colours = plt.get_cmap("tab20")(np.linspace(0, 1, len(measured)))
    for row, when in enumerate(("before", "after")):
        for axis, side in zip(axes[row], sides, strict=True):
            for (name, figures), colour in zip(measured.items(), colours, strict=True):
                axis.plot(KNOTS, figures[when][side], color=colour, label=name, linewidth=1)
            axis.plot(KNOTS, TARGETS, "k--", linewidth=1.5, label="targets")
            axis.set_title(f"{when}, {side} px", fontsize=9)
            axis.grid(alpha=0.3)
            axis.set_ylim(0, 3.5)
        axes[row][0].set_ylabel("damage, points")
    for axis in axes[1]:
        axis.set_xlabel("severity")
        axis.set_xticks(KNOTS)
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", fontsize=7)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=90)


def text(measured: Measured) -> str:
    """Return what stands between the marks."""
    knots = ", ".join(f"{knot:g}" for knot in KNOTS)
    parts: Sequence[list[str]] = (
        ends_table(measured),
        ["Spread over operators:", "", *spread_table(measured)],
        ["![Damage over severity, before and after](images/severity.png)"],
        [
            f"Damage at severity {knots} as it was before:",
            "",
            *damage_table(measured, "before"),
        ],
        [f"Damage at severity {knots} with the fitted table:", "", *damage_table(measured, "after")],
        [f"Off a target by more than {SHORT:.0%} of it:", "", *short_list(measured)],
    )
    return "\n\n".join("\n".join(part) for part in parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    measured: Measured = json.loads(parser.parse_args().measured.read_text(encoding="utf-8"))
    draw(measured, PICTURE)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{text(measured)}\n\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
