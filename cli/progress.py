"""Show progress on the terminal, with rate and remaining time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a callback (what, done, total) that draws one bar per `what` on standard error."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "")

    bars: dict[str, object] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    # Shards arrive in steps of 512 items. A short window would make the rate jump.
    with Progress(*columns, console=Console(file=sys.stderr), speed_estimate_period=60.0) as progress:

        def report(what: str, done: int, total: int) -> None:
            if what not in bars:
                # Work of earlier runs does not count for the rate of this run.
                bars[what] = progress.add_task(what, total=total, completed=done)
            progress.update(bars[what], completed=done, total=total)  # type: ignore[arg-type]

        yield report
