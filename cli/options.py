"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
Cluster = Annotated[
    Path | None,
    typer.Option(
        help="YAML file that describes a Dask cluster to start (Slurm, Kubernetes, SSH …), or a running "
        "cluster with its certificates."
    ),
]
Plugin = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin",
        "--bank",
        help="File with operators of your own, or folder of a bank (NAME=FOLDER names its operators NAME_denoiser …); "
        "repeatable.",
    ),
]
