"""The command `calibrate`: the fitted table of severities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .options import Json
from .progress import progress_bar
from .table import print_table


def calibrate(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names of operators. Default: those of the plugin or table."),
    ] = None,
    plugin: Annotated[Path | None, typer.Option(help="Python file with operators of your own.")] = None,
    photos: Annotated[str, typer.Option(help="Folder or glob of photographs, or 'samples'.")] = "samples",
    trunk_weights: Annotated[
        str, typer.Option(help="File with AlexNet's weights for LPIPS, or 'pretrained'.")
    ] = "pretrained",
    head_weights: Annotated[
        Path | None, typer.Option(help="File with LPIPS' published heads (v0.1, alex). Default: distances of features.")
    ] = None,
    patches: Annotated[int, typer.Option(min=4, help="Patches per size, each from another photograph.")] = 32,
    out: Annotated[
        Path | None, typer.Option(help="File of the table. Default: NAME.severity.json beside the plugin NAME.py.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit severities, so that equal ones disturb about equally, by any operator and at any patch size.

    Rows of other operators in the table are kept.
    """
    from bappsmith.distortions.plugins import load_plugin, table_beside
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.pipeline.calibration.calibrate import calibrate as fit
    from bappsmith.pipeline.calibration.yardstick import lpips_yardstick

    own = load_plugin(plugin, fitted=False) if plugin else []
    target = out or (table_beside(plugin) if plugin else None)
    if target is None:
        raise BappsmithError("calibrate: name the file of the table with --out, or give a --plugin")
    yardstick = lpips_yardstick(trunk_weights, head_weights)
    with progress_bar() as progress:
        fitted = fit(
            target, names or own, photos, yardstick, patches=patches, progress=lambda d, n: progress("operators", d, n)
        )
    if as_json:
        typer.echo(json.dumps({one.name: {"before": one.before, "after": one.after} for one in fitted}))
        return
    from rich.table import Table

    printed = Table("operator", "px", "before: .25", ".5", ".75", "1", "after: .25", ".5", ".75", "1")
    for one in fitted:
        for side in one.before:
            printed.add_row(one.name, str(side), *(f"{d:.3f}" for d in (*one.before[side], *one.after[side])))
    print_table(printed)
    typer.echo(f"{target}: {len(fitted)} operators")
