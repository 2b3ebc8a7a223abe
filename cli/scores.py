"""Print the scores of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .table import print_table

if TYPE_CHECKING:
    from bappsmith.lpips.evaluation.breakdown import By
    from bappsmith.lpips.evaluation.evaluation import Evaluation


def print_scores(evaluation: Evaluation) -> None:
    """Print a table of scores with their intervals."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bappsmith.lpips.evaluation.evaluation import CORRELATIONS, RAMPS, shown

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))  # fits 80 columns
    for heading in ("subset", "metric", "protocol"):
        table.add_column(heading, overflow="fold")
    for heading in ("items", "score", "95 % interval"):
        table.add_column(heading, justify="right")
    for s in evaluation.scores:
        interval = f"{shown(s.low, s.protocol)} – {shown(s.high, s.protocol)}"
        unit = "" if s.protocol in CORRELATIONS else " %"
        words = (Text(name) for name in (s.subset, s.metric, s.protocol))  # brackets in names are not markup
        table.add_row(*words, f"{s.count:,}", shown(s.score, s.protocol) + unit, interval)
    console = Console()
    if not console.is_terminal:  # in a file or a pipe, lines are not wrapped or cut
        console.width = max(80, table.__rich_measure__(console, console.options.update(max_width=10_000)).maximum)
    console.print(table)
    if evaluation.comparisons:
        typer.echo(f"{evaluation.comparisons[0].metric} minus each other metric, paired:")
    for c in evaluation.comparisons:
        gap, low, high = (shown(value, c.protocol, sign=True) for value in (c.gap, c.low, c.high))
        unit = "" if c.protocol in CORRELATIONS else " points"
        typer.echo(f"  {c.subset}  {c.protocol}  {c.other}: {gap}{unit} ({low} – {high}), p = {c.p:.3f}")
    for name in evaluation.mos:
        _print_parts(evaluation, name, "SROCC", "type")
    _print_parts(evaluation, RAMPS, "ladders", "operator")
    for note in evaluation.notes:
        typer.echo(note)


def _print_parts(evaluation: Evaluation, name: str, protocol: str, by: By) -> None:
    """Print the scores of every metric on the parts of a set, if it has any."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from bappsmith.lpips.evaluation.evaluation import CORRELATIONS, shown

    parts = [part for part in evaluation.parts if (part.subset, part.protocol, part.by) == (name, protocol, by)]
    if not parts:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(Text(f"{name}, by {by}"))
    for heading in ("items", *evaluation.metrics):
        table.add_column(Text(heading), justify="right")
    for value in dict.fromkeys(part.value for part in parts):
        row = {part.metric: part for part in parts if part.value == value}
        scores = (shown(row[metric].score, protocol) for metric in evaluation.metrics)
        table.add_row(Text(value), f"{next(iter(row.values())).count:,}", *scores)
    typer.echo(f"{protocol}{'' if protocol in CORRELATIONS else ', %'}:")
    print_table(table)
