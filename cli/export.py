"""The command `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    checkpoint: Annotated[Path, typer.Argument(help="A trained metric, with linear heads of form local.")],
    out: Annotated[Path, typer.Option(help="File for `lpips.LPIPS(net=…, model_path=…)`.")],
) -> None:
    """Write a trained metric for the published lpips package."""
    from bappsmith.lpips.model.checkpoint import load_lpips
    from bappsmith.lpips.model.export import export_published

    metric = load_lpips(checkpoint)
    export_published(metric, out)
    typer.echo(f"{out}: lpips.LPIPS(net='{metric.net}', model_path='{out}')")
