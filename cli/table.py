"""Print tables on the terminal, to files and to pipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def print_table(table: Table) -> None:
    """Print a table without cutting any name.

    On a terminal, long names are wrapped in their cell. In a file or pipe, lines are as long as needed.
    """
    from rich.console import Console

    for column in table.columns:
        column.overflow = "fold"
    console = Console()
    if not console.is_terminal:
        console.width = max(
            console.width, console.measure(table, options=console.options.update(width=1_000_000)).maximum
        )
    console.print(table)
