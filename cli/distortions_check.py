"""The command `distortions check`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from .named_operators import lacking, refuse
from .operator_strips import STRIPS, strip_views, write_strip
from .options import Json
from .progress import progress_bar
from .table import print_table


def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Python file with operators of your own, or folder of a bank or of ncnn models. Default: all known "
            "operators."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for two PNG files per operator: patches of 64 and 256 px.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check operators against the contract, and measure what a metric could learn from them.

    Errors are root mean squares in levels of 255, medians over natural patches.

    rim: error of the outermost ring of pixels over that of the others
    mirror: share that depends on pixels that are not of the photograph
    phase: how far the error depends on the position modulo 16 px
    reach: error at severity 1 over that at .1
    64, 128, 256: error at severity .5 for patches of that side
    t 64, t 256: time over that of a bare library call, if one is named
    """
    from rich.box import SIMPLE
    from rich.table import Table

    from bappsmith.distortions.conformance import HEADINGS, examine, figure_cells, relative_time
    from bappsmith.distortions.patches import natural_patches
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operator, operators

    patches = natural_patches(24)
    names = load_plugin(file) if file is not None else list(operators())
    missing = lacking(operator(name) for name in names)
    if file is not None:
        refuse(missing)
    names = [name for name in names if name not in missing]
    table = Table("operator", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    facts: dict[str, dict[str, Any]] = {}
    with progress_bar() as progress:
        for done, name in enumerate(names, start=1):
            op = operator(name)
            violations, figures = examine(op, patches)
            facts[name] = {"violations": violations, "figures": None, "times": [None, None], "pictures": []}
            if figures is not None:
                times = relative_time(op, 64), relative_time(op, 256)
                table.add_row(name, *figure_cells(figures, times))
                pictures = [] if out is None else [write_strip(op, strip_views(side), out, side) for side in STRIPS]
                facts[name] |= {"figures": asdict(figures), "times": times, "pictures": pictures}
            progress("operators", done, len(names))
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        if table.rows:
            print_table(table)
        for name, fact in facts.items():
            typer.echo(f"{name}: {'breaks' if fact['violations'] else 'keeps'} the contract")
            for violation in fact["violations"]:
                typer.echo(f"  {violation}")
        for name, reason in missing.items():
            typer.echo(f"{name}: left out, {reason}")
    if any(fact["violations"] for fact in facts.values()):
        raise typer.Exit(1)
