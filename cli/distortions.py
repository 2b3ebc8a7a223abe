"""The commands `distortions list`, `distortions show`, `distortions check` and `distortions new`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Json, Plugin
from .progress import progress_bar
from .table import print_table

if TYPE_CHECKING:
    from bappsmith.distortions import Distortion

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
                        "unavailable": op.unavailable(),
                        "parameters": {key: parameter.describe() for key, parameter in op.parameters.items()},
                    }
                    for name, op in catalogue.items()
                }
            )
        )
        return
    from rich.markup import escape
    from rich.table import Table

    table = Table("family", "operator", "parameters", "source")
    for name, op in catalogue.items():
        lines = [f"{key}: {parameter.describe()}" for key, parameter in op.parameters.items()]
        if reason := op.unavailable():
            lines.append(f"unavailable: {escape(reason)}")
        table.add_row(op.family, name, "\n".join(lines), op.source)
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
    missing = _unavailable(chosen)
    if names:
        _refuse(missing)
    chosen = [op for op in chosen if op.name not in missing]
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
        for name, reason in missing.items():
            typer.echo(f"{name}: left out, {reason}")


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Python file with operators of your own, or folder of a bank. Default: all known operators."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for two PNG files per operator: patches of 64 and 256 px.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check operators against the contract, and measure what a metric could learn from them.

    Errors are root mean squares in levels of 255, medians over natural patches.

    rim: error of the outermost ring of pixels over that of the others
    mirror: share that depends on pixels that are not of the photograph
    phase: how far the error depends on the position modulo 16 px
    reach: error at severity 1 over that at .1
    64, 128, 256: error at severity .5 for patches of that side
    t 64, t 256: time over that of a bare library call, if one is named
    """
    from rich.box import SIMPLE
    from rich.table import Table

    from bappsmith.distortions.conformance import HEADINGS, examine, figure_cells, relative_time
    from bappsmith.distortions.patches import natural_patches
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operator, operators

    patches = natural_patches(24)
    names = load_plugin(file) if file is not None else list(operators())
    missing = _unavailable(operator(name) for name in names)
    if file is not None:
        _refuse(missing)
    names = [name for name in names if name not in missing]
    table = Table("operator", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    facts: dict[str, dict[str, Any]] = {}
    with progress_bar() as progress:
        for done, name in enumerate(names, start=1):
            op = operator(name)
            violations, figures = examine(op, patches)
            facts[name] = {"violations": violations, "figures": None, "times": [None, None], "pictures": []}
            if figures is not None:
                times = relative_time(op, 64), relative_time(op, 256)
                table.add_row(name, *figure_cells(figures, times))
                pictures = _write_pictures(op, out) if out is not None else []
                facts[name] |= {"figures": asdict(figures), "times": times, "pictures": pictures}
            progress("operators", done, len(names))
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        if table.rows:
            print_table(table)
        for name, fact in facts.items():
            typer.echo(f"{name}: {'breaks' if fact['violations'] else 'keeps'} the contract")
            for violation in fact["violations"]:
                typer.echo(f"  {violation}")
        for name, reason in missing.items():
            typer.echo(f"{name}: left out, {reason}")
    if any(fact["violations"] for fact in facts.values()):
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the operator, in snake_case.")],
    out: Annotated[Path, typer.Option(help="Folder for NAME.py.")] = Path(),
) -> None:
    """Write a file with a small operator that keeps the contract, to be changed."""
    from bappsmith.distortions.template import write_template

    file = write_template(name, out)
    typer.echo(f"{file}: change it, then run `bappsmith distortions check {file}`")


def _unavailable(operators: Iterable[Distortion]) -> dict[str, str]:
    """Return name → what this machine lacks, for the operators that it cannot apply."""
    return {op.name: reason for op in operators if (reason := op.unavailable())}


def _refuse(missing: dict[str, str]) -> None:
    """Refuse operators that a person named and this machine cannot apply."""
    from bappsmith.manifests.errors import BappsmithError

    for name, reason in missing.items():
        raise BappsmithError(f"operator '{name}' {reason}")


def _write_pictures(op: Distortion, out: Path) -> list[str]:
    """Draw two strips with real surroundings, of small and of large patches."""
    from PIL import Image

    from bappsmith.distortions.patches import natural_views
    from bappsmith.distortions.strips import severity_strip

    out.mkdir(parents=True, exist_ok=True)
    files: list[str] = []
    for side, count, margin in ((64, 4, 64), (256, 2, 120)):
        file = out / f"{op.name}-{side}.png"
        Image.fromarray(severity_strip(op, natural_views(count, side, margin))).save(file)
        files.append(str(file))
    return files
