"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from .completion import complete, nets

DATA, NETWORKS = "Data", "Networks"
"""Groups of options in the help."""
Json = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
Workers = Annotated[int, typer.Option(min=1, help="Number of processes, with one thread each.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a running Dask scheduler.")]
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
        help="File with operators of your own, or folder of a bank or of ncnn models (NAME=FOLDER names its operators "
        "NAME_denoiser …); repeatable.",
    ),
]
Subsets = Annotated[
    list[str] | None, typer.Argument(help="Subsets (DATASET/2afc/train/NAME) or whole datasets: folders or addresses.")
]
Labels = Annotated[
    str | None, typer.Option(rich_help_panel=DATA, help="Name of the labelling to use. Default: the active one.")
]
TrunkWeights = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=NETWORKS,
        help="File with torchvision's weights of the trunk; 'pretrained' downloads them (the default).",
    ),
]
HeadWeights = Annotated[
    Path | None,
    typer.Option(rich_help_panel=NETWORKS, help="File with the heads of 'lpips', such as the published ones."),
]
Radius = Annotated[
    list[float] | None,
    typer.Option(help="l2 radius in 1/255; repeatable. Default: 36, 72, 108, unless --linf is given."),
]
Net = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=NETWORKS,
        help="Trunk of 'random', 'untrained' and 'lpips' (default: alex). Checkpoints with another trunk are refused.",
        autocompletion=complete(nets),
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=NETWORKS,
        help="Where networks run: cpu, cuda, or cuda:N. Default: the first CUDA device, if there is one.",
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=DATA,
        help="Folder for packed subsets and cached differences; default: DATASET-packed beside each dataset.",
    ),
]
Reduce = Annotated[
    Literal["exact", "reference"],
    typer.Option(
        "--reduction",
        rich_help_panel=DATA,
        help="How to reduce files enlarged four times: exact, or blurred as in the reference code.",
    ),
]
