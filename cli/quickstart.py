"""The command `quickstart`: from photographs to the scores of a trained metric, and a page about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .options import Device, Json
from .progress import progress_bar


def quickstart(
    out: Annotated[Path, typer.Option(help="Folder for photographs, dataset, metric and pages.")] = Path("quickstart"),
    workers: Annotated[int, typer.Option(min=1, help="Number of processes that make networks and triplets.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training, and of a random trunk.")] = 0,
    trunk_weights: Annotated[
        str | None,
        typer.Option(
            help="File with torchvision's weights of AlexNet; 'pretrained' downloads them. Default: a random trunk."
        ),
    ] = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Run all steps on photographs inside scikit-image: networks, a dataset, a metric, its scores, a page about them.

    It needs no network access, and about two minutes of processor time. Run it again to go on after an interruption.
    """
    with progress_bar() as progress:
        from bappsmith.pipeline.quickstart.run import run_quickstart  # imports torch: this takes seconds

        made = run_quickstart(
            out, workers=workers, seed=seed, trunk_weights=trunk_weights, device=device, progress=progress
        )
    if as_json:
        outputs = {what: str(path) for what, path in {"page": made.page, **made.outputs}.items()}
        typer.echo(json.dumps({**outputs, **made.evaluation.to_json()}))
        return
    from bappsmith.pipeline.quickstart.findings import find, headline

    from .scores import print_scores

    print_scores(made.evaluation)
    typer.echo(headline(find(made.evaluation)))
    for what, path in made.outputs.items():
        typer.echo(f"{what:12}{path}")
    typer.echo(f"Open {made.page}")
