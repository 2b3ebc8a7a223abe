"""The commands `bank train` and `bank list`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .completion import complete, recipes, tasks
from .options import Cluster, Json, Scheduler, Workers
from .progress import progress_bar
from .table import print_table

app = typer.Typer(name="bank", help="Banks of small networks that distort images.", no_args_is_help=True)


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="Folder of the bank: a new one, or one begun with the same settings.")],
    photos: Annotated[
        str | None, typer.Option(help="Folder or glob of photographs, or 'samples' (the recipe's default).")
    ] = None,
    task: Annotated[
        str,
        typer.Option(
            help="What the networks are for: denoise, or the name of another task.", autocompletion=complete(tasks)
        ),
    ] = "denoise",
    recipe: Annotated[
        str,
        typer.Option(
            help="Recipe that defines which photographs are train, and how patches are cut.",
            autocompletion=complete(recipes),
        ),
    ] = "bapps-cnn",
    nets: Annotated[int, typer.Option(min=1, help="Number of networks.")] = 96,
    steps: Annotated[
        tuple[int, int] | None,
        typer.Option(
            help="Fewest and most training steps of a network, drawn log-uniformly. Default: those of the task."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed. Another seed gives other networks.")] = 0,
    trunk_weights: Annotated[
        str | None,
        typer.Option(
            help="File with AlexNet's weights for the feature loss, or 'pretrained'. Default: no feature loss."
        ),
    ] = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    as_json: Json = False,
) -> None:
    """Train a bank. Run the same command again to resume."""
    from bappsmith.pipeline.banks.train import train_bank

    with progress_bar() as progress:
        bank = train_bank(
            out,
            photos=photos,
            task=task,
            recipe=recipe,
            nets=nets,
            steps=steps,
            seed=seed,
            trunk_weights=trunk_weights,
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps({"bank": str(out), "networks": len(bank.networks), "sha256": bank.sha256}))
    else:
        typer.echo(f"{out}: {len(bank.networks)} networks; see {out / 'contact-sheet.png'}")


@app.command("list")
def list_networks(bank: Annotated[Path, typer.Argument(help="Folder of a bank.")], as_json: Json = False) -> None:
    """List the networks of a bank."""
    from bappsmith.distortions.cnn.bank import read_bank

    networks = read_bank(bank).networks
    if as_json:
        rows = [{"id": n.id, "file": n.path.name, "spec": n.spec.to_json(), "record": n.record} for n in networks]
        typer.echo(json.dumps(rows))
        return
    from rich.table import Table

    table = Table(
        "network",
        "input",
        "losses",
        "levels",
        "skips",
        "upsampling",
        "norm",
        "critic",
        "error",
        "contrast",
        box=None,
    )
    for network in networks:
        s, record = network.spec, network.record
        received = f"{s.corruption} {s.amount:.2f}" if s.task == "denoise" else s.task
        table.add_row(
            network.id, received, s.losses(), str(s.levels), f"{s.skips}{' + top' * s.top_skip}",
            s.upsampling, s.normalization, str(s.discriminator_layers), f"{record['error']:.1f}",
            f"{record['contrast']:.2f}",
        )  # fmt: skip
    print_table(table)
