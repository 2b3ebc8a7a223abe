"""The commands of `distortions`; here `list` and `new`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .completion import complete, families, sets, tags
from .distortions_check import check
from .distortions_show import catalogue, show
from .named_operators import chosen_operators, needs
from .options import Json, Plugin
from .table import print_table


def list_operators(
    family: Annotated[
        str | None, typer.Option(help="Only operators of this family.", autocompletion=complete(families))
    ] = None,
    tag: Annotated[
        str | None, typer.Option(help="Only operators with this tag.", autocompletion=complete(tags))
    ] = None,
    named_set: Annotated[
        str | None, typer.Option("--set", help="Only operators of this named set.", autocompletion=complete(sets))
    ] = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """List operators: what each does, what its severities are, and what it needs.

    Severities are fitted (equal ones do about equal damage), along declared ends, or not comparable (published ends).
    """
    from bappsmith.distortions.catalogue.card import SEVERITY_WORDS, card
    from bappsmith.manifests.errors import unknown_name
    from bappsmith.manifests.recipe.named_sets import named_set as names_of

    cards = [card(op) for op in chosen_operators(None, plugin, all_known=True)]
    for what, wanted, known in (
        ("family", family, {one.family for one in cards}),
        ("tag", tag, {tag for one in cards for tag in one.tags}),
    ):
        if wanted is not None and wanted not in known:
            raise unknown_name(what, wanted, known)
    members = None if named_set is None else names_of(named_set)
    cards = [
        one
        for one in cards
        if family in (None, one.family)
        and (tag is None or tag in one.tags)
        and (members is None or one.name in members)
    ]
    if as_json:
        typer.echo(json.dumps({one.name: one.to_json() for one in cards}))
        return
    from rich.markup import escape
    from rich.table import Table

    table = Table("family", "operator", "what it does", "severity", "needs")
    for one in cards:
        cells = one.family, one.name, one.summary, SEVERITY_WORDS[one.severity], needs(one)
        table.add_row(*map(escape, cells))
    print_table(table)


def new(
    name: Annotated[str, typer.Argument(help="Name of the operator, in snake_case.")],
    out: Annotated[Path, typer.Option(help="Folder for NAME.py.")] = Path(),
) -> None:
    """Write a file with a small operator that keeps the contract, to be changed."""
    from bappsmith.distortions.template import write_template

    file = write_template(name, out)
    typer.echo(f"{file}: change it, then run `bappsmith distortions check {file}`")


app = typer.Typer(name="distortions", help="The catalogue of operators.", no_args_is_help=True)
app.command("list")(list_operators)
app.command()(show)
app.command()(catalogue)
app.command()(check)
app.command()(new)
