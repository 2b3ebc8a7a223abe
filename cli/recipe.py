"""The command `recipe schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Plugin

app = typer.Typer(name="recipe", help="Recipes: what to make.", no_args_is_help=True)


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="File to write, in place of the terminal.")] = None,
    plugin: Plugin = None,
) -> None:
    """Print the JSON Schema of recipes, for editors.

    It names all operators, families, tags, sets and judges that are known, with those of plugins.
    """
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.manifests.store.atomic import atomic_write_bytes
    from bappsmith.pipeline.planning.recipe_schema import schema_text

    for path in plugin or ():
        load_plugin(path)
    text = schema_text()
    if out is None:
        typer.echo(text, nl=False)
    else:
        atomic_write_bytes(out, text.encode())
        typer.echo(f"{out}: begin recipes in the same folder with the line\n# yaml-language-server: $schema={out.name}")
