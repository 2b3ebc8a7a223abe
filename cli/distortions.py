"""The commands `distortions list`, `distortions show` and `distortions check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .options import Json, Plugin
from .progress import progress_bar
from .table import print_table

app = typer.Typer(name="distortions", help="The catalogue of operators.", no_args_is_help=True)


@app.command("list")
def list_operators(plugin: Plugin = None, as_json: Json = False) -> None:
    """List every operator with its parameters."""
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operators

    for path in plugin or ():
        load_plugin(path)
    catalogue = operators()
    if as_json:
        typer.echo(
            json.dumps(
                {
                    name: {
                        "family": op.family,
                        "source": op.source,
                        "calibrated": op.calibrated,
                        "saturates": op.saturates,
                        "portable": op.portable,
                        "parameters": {key: parameter.describe() for key, parameter in op.parameters.items()},
                    }
                    for name, op in catalogue.items()
                }
            )
        )
        return
    from rich.table import Table

    table = Table("family", "operator", "parameters", "source")
    for name, op in catalogue.items():
        described = "\n".join(f"{key}: {parameter.describe()}" for key, parameter in op.parameters.items())
        table.add_row(op.family, name, described, op.source)
    print_table(table)


@app.command()
def show(
    names: Annotated[list[str] | None, typer.Argument(help="Names of operators. Default: all.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for one PNG file per operator.")] = Path("strips"),
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Write one strip per operator: natural patches at rising severity."""
    from PIL import Image

    from bappsmith.distortions.patches import natural_patches
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operator, operators
    from bappsmith.distortions.strips import severity_strip

    plugin_names = [name for path in plugin or () for name in load_plugin(path)]
    chosen = [operator(name) for name in names or plugin_names or operators()]
    patches = natural_patches(4)
    out.mkdir(parents=True, exist_ok=True)
    files = {op.name: str(out / f"{op.name}.png") for op in chosen}
    with progress_bar() as progress:
        for done, op in enumerate(chosen, start=1):
            Image.fromarray(severity_strip(op, patches)).save(files[op.name])
            progress("strips", done, len(chosen))
    if as_json:
        typer.echo(json.dumps(files))
    else:
        typer.echo(f"{out}: {len(files)} strips")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Python file with operators of your own.")], as_json: Json = False
) -> None:
    """Check operators of your own against the contract for operators."""
    from bappsmith.distortions.conformance import check_operator
    from bappsmith.distortions.patches import natural_patches
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operator

    patches = natural_patches(24)
    names = load_plugin(file)
    violations: dict[str, list[str]] = {}
    with progress_bar() as progress:
        for done, name in enumerate(names, start=1):
            violations[name] = list(check_operator(operator(name), patches))
            progress("operators", done, len(names))
    if as_json:
        typer.echo(json.dumps(violations))
    else:
        for name, broken in violations.items():
            typer.echo(f"{name}: {'breaks' if broken else 'keeps'} the contract")
            for violation in broken:
                typer.echo(f"  {violation}")
    if any(violations.values()):
        raise typer.Exit(1)
