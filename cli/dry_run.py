"""Print what `bappsmith generate --dry-run` found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .table import print_table

if TYPE_CHECKING:
    from bappsmith.pipeline.dry_run import DryRun


def print_dry_run(planned: DryRun) -> None:
    """Print subsets, operators, photographs, size and time."""
    from rich.table import Table

    table = Table("subset", "items", "made", "photographs", "judge", "size", "core time")
    for column in table.columns[1:]:
        column.justify = "right"
    for one in planned.subsets:
        counts = f"{one.items:,}", f"{one.done:,}", f"{one.photographs:,}"
        table.add_row(one.path, *counts, one.judge, size(one.bytes), duration(one.seconds))
    print_table(table)
    operators = Table("operator", "times applied, about")
    operators.columns[1].justify = "right"
    for name, times in planned.operators().items():
        operators.add_row(name, f"{times:,}")
    print_table(operators)
    photographs = ", ".join(f"{count:,} {what}" for what, count in planned.photographs.items() if count)
    skipped = f", {len(planned.sources.skipped):,} skipped" if planned.sources.skipped else ""
    typer.echo(f"photographs: {photographs}{skipped}; read in {duration(planned.index_seconds)}")
    total = sum(one.bytes for one in planned.subsets)
    items, done = (sum(getattr(one, name) for one in planned.subsets) for name in ("items", "done"))
    if planned.finished:
        typer.echo(f"{planned.root}: already complete, {items:,} items; a run would do nothing")
    else:
        begun = f", {done:,} of them there" if done else ""
        typer.echo(f"{planned.root}: {items:,} items{begun}; about {size(total)} of images and judgments")
        core = sum(one.seconds for one in planned.subsets)
        share = f", {duration(planned.seconds)} on {planned.cores} cores" if planned.cores > 1 else ""
        typer.echo(
            f"time: about {duration(core)} on one core{share}, without reading the photographs at first and without "
            "writing files"
        )
    typer.echo("nothing was written")


def size(count: int) -> str:
    """Format a number of bytes: three digits."""
    units = ("B", "kB", "MB", "GB", "TB")
    power = min(len(units) - 1, max(0, (len(str(count)) - 1) // 3))
    return f"{count / 1000**power:.3g} {units[power]}"


def duration(seconds: float) -> str:
    """Format a time in the unit that keeps it short."""
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
