"""The command `annotate status`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import typer

from .annotate_options import Judged, Pairs, StudyFolder
from .options import Json
from .table import print_table

if TYPE_CHECKING:
    from bappsmith.annotation.quality.krippendorff import Estimate
    from bappsmith.annotation.votes.status import StudyStatus, TimeLeft


def register(app: typer.Typer) -> None:
    """Add the command to `annotate`."""
    app.command()(status)


def status(dataset: Judged, pairs: Pairs = None, study: StudyFolder = None, as_json: Json = False) -> None:
    """Print progress, agreement, the ceiling so far, and people: who is set aside, and why. Nothing is changed."""
    from bappsmith.annotation.study.study import Study
    from bappsmith.annotation.votes.status import study_status

    from .study_options import default_study

    with Study.open(study or default_study(dataset, pairs), write=False) as opened:
        known = study_status(opened)
    if as_json:
        typer.echo(json.dumps(known.to_json(), ensure_ascii=False))
        return
    _print(known)


def _print(known: StudyStatus) -> None:
    from rich import box
    from rich.table import Table

    progress, left = known.progress, known.time_left
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("task")
    for heading in ("items", "complete", "votes", "alpha", "human, %", "as in BAPPS, %", "best metric, %"):
        table.add_column(heading, justify="right")
    ceilings = {ceiling.task: ceiling for ceiling in known.ceilings}
    for task, own in progress.tasks.items():
        ceiling = ceilings.get(task)
        figures = ["–"] * 4
        if ceiling is not None:
            percents = (ceiling.human, ceiling.published, ceiling.best)
            figures = [_interval(ceiling.alpha, 1, 2), *(_interval(figure, 100, 1) for figure in percents)]
        table.add_row(task, f"{own.items:,}", f"{own.complete:,}", f"{own.votes:,} of {own.wanted:,}", *figures)
    print_table(table)
    for line in _time_lines(left):
        typer.echo(line)
    typer.echo(
        f"{progress.people:,} people, {progress.finished:,} of {progress.sessions:,} sessions finished, "
        f"{progress.answers:,} answers; set aside: {len(known.set_aside)}, withdrawn: {progress.withdrawn}"
    )
    if not known.people:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("person")
    table.add_column("task")
    for heading in ("votes", "sentinels", "median, ms", "left, %", "repeats", "agreement", "reliability"):
        table.add_column(heading, justify="right")
    table.add_column("set aside")
    for report in sorted(known.people, key=lambda one: (one.task, known.numbers[one.person])):
        rule = known.set_aside.get(report.person, "")
        details = {failure.rule: failure.detail for failure in report.failures}
        table.add_row(
            known.numbers[report.person],
            report.task,
            f"{report.votes:,}",
            f"{report.sentinels_right} of {report.sentinels}",
            _number(report.median_ms, 0),
            _number(100 * report.left, 0),
            f"{report.consistent} of {report.repeats}" if report.repeats else "–",
            _number(report.relative_agreement, 2),
            _number(report.reliability, 2),
            f"{rule}: {details[rule]}" if rule in details else rule,
        )
    print_table(table)


def _time_lines(left: TimeLeft) -> list[str]:
    if not left.missing:
        return ["every item has its votes"]
    work = "" if left.work_hours is None else f", about {left.work_hours:,.1f} hours of work"
    hours = "" if left.hours is None else f"; at the pace of the last hour they take {left.hours:,.1f} hours"
    return [f"{left.missing:,} votes are missing{work}{hours}"]


def _interval(figure: Estimate, scale: float, digits: int) -> str:
    if math.isnan(figure.value):
        return "–"
    value, low, high = (f"{scale * number:.{digits}f}" for number in (figure.value, figure.low, figure.high))
    if math.isnan(figure.low):
        return value
    return f"{value} ({low} … {high})"


def _number(value: float, digits: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"
