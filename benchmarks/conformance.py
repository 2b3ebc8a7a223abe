"""Measure the figures of all operators and write docs/operators.md.

    python benchmarks/conformance.py [--bank bank] [--out docs/operators.md]

The figures are those of `bappsmith distortions check`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bappsmith.distortions import load_plugin, operators
from bappsmith.distortions.conformance import HEADINGS, exceeded_limits, figure_cells, limits, measure, relative_time

INTRODUCTION = f"""# Figures of operators

Written by `benchmarks/conformance.py`; `bappsmith distortions check` prints the same for your own operators. Patches
are natural, with the photograph around them. Errors are root mean squares in levels of 255.

| figure | is | limit |
|---|---|---|
| rim | error of the outermost ring of pixels over that of the others | {limits.MAX_RIM:g} |
| mirror | share of the result that depends on pixels that are not of the photograph; a dash: cannot be \
measured, because no other surroundings repeat the result (noise, statistics of the patch) \
| {limits.MAX_MIRROR_SHARE:g} |
| phase | how far the roughness of the error depends on the position modulo 16 px: grids that start at the corner | \
{limits.MAX_PHASE:g} |
| reach | error at severity 1 over that at .1 | at least {limits.MIN_REACH:g} |
| 64, 128, 256 | error at severity .5 for patches of that side, of the same pixels | {limits.MAX_DRIFT:g} times the \
smallest |
| t 64, t 256 | time over that of the library's bare call, without surroundings, where the operator names one | |

Operators with published ends (`calibrated = False`), and those that saturate, are exempt from the limits of reach and
sizes. Operators with a fitted curve ([calibration.md](calibration.md)) are exempt from that of sizes: they were fitted
at each size, by another distance.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", action="append", default=[], help="folder of a bank; repeatable")
    parser.add_argument("--out", type=Path, default=Path("docs/operators.md"))
    options = parser.parse_args()
    for bank in options.bank:
        load_plugin(bank)
    rows = [f"| operator | family | {' | '.join(HEADINGS)} |", f"|---|---|{'---:|' * len(HEADINGS)}"]
    exceeded: list[str] = []
    for name, op in operators().items():
        if reason := op.unavailable():
            raise SystemExit(f"operator '{name}' {reason}")
        figures = measure(op)
        cells = figure_cells(figures, (relative_time(op, 64), relative_time(op, 256)))
        rows.append(f"| {name} | {op.family} | {' | '.join(cells)} |")
        exceeded += [f"- {name}: {line}" for line in exceeded_limits(op, figures)]
        print(rows[-1], file=sys.stderr, flush=True)
    beyond = ["", "Beyond a limit:", "", *exceeded] if exceeded else []
    options.out.write_text("\n".join([INTRODUCTION, *rows, *beyond, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
