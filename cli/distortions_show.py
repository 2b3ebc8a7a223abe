"""The commands `distortions show` and `catalogue`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .named_operators import Names, chosen_operators, lacking, needs, refuse
from .operator_strips import STRIPS, strip_views, write_strip
from .options import Json, Plugin
from .progress import progress_bar
from .table import print_table

if TYPE_CHECKING:
    from bappsmith.distortions.catalogue.card import Card

Photos = Annotated[
    str | None,
    typer.Option(help="Folder, glob or address of photographs to cut patches from. Default: those in scikit-image."),
]


def show(
    names: Names = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a strip per operator: patches at rising severity.")
    ] = None,
    side: Annotated[Literal["64", "256"], typer.Option(help="Side of the patches of the strips, px.")] = "64",
    photos: Photos = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Print what is known of operators: parameters, source, what severity means, speed. Strips go to --out."""
    from bappsmith.distortions.catalogue.card import card
    from bappsmith.distortions.conformance import microseconds
    from bappsmith.manifests.errors import BappsmithError

    chosen = chosen_operators(names, plugin)
    if out is not None and names:
        refuse(lacking(chosen))
    size = int(side)
    views = strip_views(size, photos) if out is not None else []
    facts: dict[str, dict[str, Any]] = {}
    for op in chosen:
        known, times, problem = card(op), {}, ""
        try:
            refuse(lacking([op]))
            times = {sides: microseconds(op, sides) for sides in STRIPS}
        except BappsmithError as error:  # the rest can be shown
            problem = str(error)
        facts[op.name] = {**known.to_json(), "microseconds": times, "problem": problem}
        if not as_json:
            _print_card(known, times, problem)
        if out is not None and known.unavailable is None:
            facts[op.name]["strip"] = write_strip(op, views, out, size)
            if not as_json:
                typer.echo(f"  strip: {facts[op.name]['strip']}")
    if as_json:
        typer.echo(json.dumps(facts))


def catalogue(
    names: Names = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the pages: a new one, or an earlier catalogue, which is replaced.")
    ] = Path("catalogue"),
    photos: Photos = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Write pages with pictures: one per operator, and lists by family, tag and named set (Markdown, WebP)."""
    from bappsmith.distortions.catalogue.build import build_catalogue

    chosen = chosen_operators(names, plugin, all_known=True)
    views = {size: strip_views(size, photos) for size in STRIPS}
    origin = "photographs inside scikit-image" if photos is None else "own photographs"
    with progress_bar() as progress:
        built = build_catalogue(chosen, views, out, origin, lambda done, total: progress("operators", done, total))
    if as_json:
        typer.echo(json.dumps({"index": str(built.index), "operators": len(chosen), "problems": built.problems}))
        return
    for name, problem in built.problems.items():
        typer.echo(f"{name}: no pictures: {problem}", err=True)
    typer.echo(f"{built.index}: {len(chosen)} operators, {built.size / 1e6:.0f} MB")


def _print_card(card: Card, times: dict[int, float], problem: str) -> None:
    from rich.box import SIMPLE
    from rich.markup import escape
    from rich.table import Table

    from bappsmith.distortions.catalogue.card import SEVERITY_WORDS
    from bappsmith.distortions.catalogue.cells import HEADINGS, severity_cells

    typer.echo(f"{card.name} ({card.family})")
    for paragraph in (card.summary, *card.details):
        typer.echo(f"  {paragraph}")
    facts = {
        "source": card.source,
        "parameters": "",
        **{f"  {name}": text for name, text in card.parameters.items()},
        "tags": ", ".join(card.tags),
        "sets": ", ".join(card.sets),
        "severity": SEVERITY_WORDS[card.severity] + (", saturates" if card.saturates else ""),
        "surroundings": f"up to {card.margin} px around a patch of 64 px" if card.margin else "none",
        "light": card.light,
        "portable": "yes" if card.portable else "no: pixels change with the processor's SIMD level",
        "degradation": ", ".join(card.degradation),
        "needs": needs(card),
        "speed": ", ".join(f"{time:,.0f} µs at {side} px" for side, time in times.items()),
        "cannot run here": problem,
    }
    for name, value in facts.items():
        if value or name == "parameters":
            typer.echo(f"  {name}: {value}".rstrip())
    rows = severity_cells(card)
    if rows:
        table = Table(box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
        for number, heading in enumerate(HEADINGS):
            table.add_column(heading, justify="left" if number < 2 else "right")
        for row in rows:
            table.add_row(*map(escape, row))
        print_table(table)
