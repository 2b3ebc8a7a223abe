"""The command `judge`: labellings of a finished dataset."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .completion import complete, judges
from .dataset import DatasetArgument
from .options import Cluster, Json, Scheduler, Workers
from .progress import progress_bar

if TYPE_CHECKING:
    from bappsmith.pipeline.datasets.agreement import Agreement, LabelCounts


def judge(
    dataset: DatasetArgument,
    name: Annotated[str, typer.Option("--as", help="Name of the labelling.")],
    by: Annotated[
        str | None,
        typer.Option(
            help="The judge, such as severity or scale. Leave it out if the labelling exists already.",
            autocompletion=complete(judges),
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Setting of the judge, KEY=VALUE as in a recipe, such as 'ranking=\\[jpeg, shift]'; repeatable.",
        ),
    ] = None,
    votes: Annotated[
        int | None, typer.Option(min=0, help="Votes per item; 0: the probability itself is the judgment.")
    ] = None,
    activate: Annotated[
        bool, typer.Option("--activate", help="Write the labelling to judge/ and same/, which BAPPS readers use.")
    ] = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    plugin: Annotated[
        list[str] | None, typer.Option("--plugin", help="File with judges or operators of your own; repeatable.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge the items of a finished dataset again. Nothing is rendered, and other labellings are kept."""
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.recipe.judge import read_judge
    from bappsmith.pipeline.datasets.activate import activate as make_active
    from bappsmith.pipeline.datasets.agreement import compare_labellings, count_labels
    from bappsmith.pipeline.datasets.judge import judge_dataset

    before = Dataset(dataset).finished.active
    if by is None:
        if setting or votes is not None or not activate:
            raise BappsmithError("give --by to make a labelling, or --activate to use an existing one")
        make_active(dataset, name, workers=workers, scheduler=scheduler, cluster=cluster)
    else:
        spec = read_judge(by, [*(setting or ()), *(() if votes is None else (f"votes={votes}",))])
        with progress_bar() as progress:
            judge_dataset(
                dataset,
                spec,
                name,
                activate=activate,
                plugins=plugin or (),
                progress=lambda done, total: progress("items", done, total),
                workers=workers,
                scheduler=scheduler,
                cluster=cluster,
            )
    opened = Dataset(dataset)
    counts, agreements = count_labels(opened, name), compare_labellings(opened, name, before)
    if as_json:
        facts = {"dataset": dataset, "active": opened.finished.active, "labellings": list(opened.finished.labellings)}
        rows = {"labels": [_plain(asdict(row)) for row in counts], "compared_with": before}
        typer.echo(json.dumps({**facts, **rows, "agreement": [_plain(asdict(row)) for row in agreements]}))
        return
    _print(counts, agreements, name, before)
    typer.echo(f"{dataset}: labellings {', '.join(opened.finished.labellings)}; active: {opened.finished.active}")


def _print(counts: list[LabelCounts], agreements: list[Agreement], name: str, before: str) -> None:
    from rich import box
    from rich.table import Table

    from .table import print_table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("subset")
    for heading in ("items", "soft", "ties", "dropped", "ceiling, %", "human, %", "as in BAPPS, %"):
        table.add_column(heading, justify="right")
    for row in counts:
        dropped = ", ".join(f"{reason} {count:,}" for reason, count in row.dropped.items()) or "0"
        ceilings = (row.ceiling, row.human, row.published_human)
        table.add_row(row.subset, f"{row.items:,}", f"{row.soft:,}", f"{row.ties:,}", dropped, *map(_percent, ceilings))
    print_table(table)
    for row in counts:
        for key, value in row.learnt.items():
            typer.echo(f"{row.subset}: learnt {key} {value:.3f}")
    if name == before:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=f"{name} against {before}", title_justify="left")
    table.add_column("subset")
    table.add_column("operator")
    for heading in ("items", "same majority, %", "mean difference"):
        table.add_column(heading, justify="right")
    for row in agreements:
        table.add_row(row.subset, row.operator or "all", f"{row.items:,}", _percent(row.agree), f"{row.difference:.3f}")
    print_table(table)


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
