"""The command `calibrate`: the fitted table of severities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .completion import complete, operators
from .options import Json
from .progress import progress_bar
from .table import print_table


def calibrate(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of operators. Default: those of the plugin or table.", autocompletion=complete(operators)
        ),
    ] = None,
    plugin: Annotated[Path | None, typer.Option(help="Python file with operators of your own.")] = None,
    photos: Annotated[str, typer.Option(help="Folder or glob of photographs, or 'samples'.")] = "samples",
    trunk_weights: Annotated[
        str, typer.Option(help="File with AlexNet's weights for the yardstick, or 'pretrained'.")
    ] = "pretrained",
    patches: Annotated[int, typer.Option(min=4, help="Patches per size, each from another photograph.")] = 32,
    out: Annotated[
        Path | None, typer.Option(help="File of the table. Default: NAME.severity.json beside the plugin NAME.py.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit severities, so that equal ones do about equal damage to people, by any operator and at any patch size.

    Rows of other operators in the table are kept.
    """
    from bappsmith.distortions.plugins import load_plugin, table_beside
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.pipeline.calibration.calibrate import calibrate as fit
    from bappsmith.pipeline.calibration.yardstick import people_yardstick

    own = load_plugin(plugin, fitted=False) if plugin else []
    target = out or (table_beside(plugin) if plugin else None)
    if target is None:
        raise BappsmithError("calibrate: name the file of the table with --out, or give a --plugin")
    yardstick = people_yardstick(trunk_weights)
    with progress_bar() as progress:
        fitted = fit(
            target, names or own, photos, yardstick, patches=patches, progress=lambda d, n: progress("operators", d, n)
        )
    if as_json:
        figures = {one.name: {"before": one.before, "after": one.curve.damage} for one in fitted}
        typer.echo(json.dumps(figures))
        return
    from rich.table import Table

    printed = Table("operator", "px", "damage before: 0", ".25", ".5", ".75", "1", "after: 0", ".25", ".5", ".75", "1")
    for one in fitted:
        for side, before in one.before.items():
            printed.add_row(one.name, str(side), *(f"{d:.2f}" for d in (*before, *one.curve.damage[side])))
    print_table(printed)
    typer.echo(f"{target}: {len(fitted)} operators")
