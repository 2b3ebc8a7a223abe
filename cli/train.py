"""The command `train`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .completion import complete, nets
from .options import DATA, NETWORKS, Cache, Device, Json, Labels, Reduce, Subsets
from .progress import progress_bar
from .subsets import list_subsets
from .train_config import make_config

if TYPE_CHECKING:
    from bappsmith.lpips.training.logger import TrainingLogger
    from bappsmith.lpips.training.train import TrainResult


def train(
    context: typer.Context,
    subset: Subsets = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for checkpoints and history. Run the same command again to resume.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="YAML file of settings, as --print-config writes it. Options given beside it win."),
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the settings as YAML for --config, and train nothing.")
    ] = False,
    val: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=DATA, help="Subset for validation; repeatable. Default: 2afc/val of the same datasets."
        ),
    ] = None,
    weight: Annotated[
        list[float] | None,
        typer.Option(
            rich_help_panel=DATA,
            help="How often an epoch uses a subset, one number per subset: 1 uses all once, 0.5 half.",
        ),
    ] = None,
    lapse: Annotated[
        list[float] | None,
        typer.Option(
            rich_help_panel=DATA,
            help="Assumed share of random votes, one number, or one per subset: 0 if labels are certain.",
        ),
    ] = None,
    net: Annotated[
        str,
        typer.Option(
            rich_help_panel=NETWORKS,
            help="Trunk: alex, vgg, squeeze, or torchvision's name of another network.",
            autocompletion=complete(nets),
        ),
    ] = "alex",
    tap: Annotated[
        list[str] | None,
        typer.Option(rich_help_panel=NETWORKS, help="Layer of the trunk to compare, in order; repeatable."),
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=NETWORKS,
            help="How features are compared; repeatable: local (LPIPS, the default), mean (means over the image), "
            "structure (means and covariances, after DISTS), covariance (its second half).",
        ),
    ] = None,
    distance: Annotated[
        Literal["lpips", "fc"],
        typer.Option(rich_help_panel=NETWORKS, help="Linear heads (lpips), or also a small fully connected head (fc)."),
    ] = "lpips",
    mode: Annotated[
        Literal["lin", "tune", "scratch", "certified"],
        typer.Option(
            rich_help_panel=NETWORKS,
            help="What to train: heads (lin), heads and trunk (tune), both from random weights (scratch), or a metric "
            "whose judgments can be certified (certified).",
        ),
    ] = "lin",
    embedding: Annotated[
        Literal["dct", "sll"],
        typer.Option(
            rich_help_panel="Of mode certified",
            help="Of mode certified: a fixed transform with trained weights (dct), or learnt convolutions (sll).",
        ),
    ] = "dct",
    robustness: Annotated[
        float | None,
        typer.Option(
            rich_help_panel="Of mode certified",
            help="Of mode certified: weight of the radius in the loss. More: larger radii, lower score.",
        ),
    ] = None,
    trunk_weights: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=NETWORKS,
            help="File with torchvision's weights of the trunk; 'pretrained' downloads them (the default of lin and "
            "tune); 'random' takes --seed.",
        ),
    ] = None,
    start_from: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=NETWORKS, help="Checkpoint to take the first heads from; it must have the same trunk."
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=0,
            rich_help_panel="Course of the training",
            help="Epochs at the full learning rate. Default: for about 4,000 steps, half with decay.",
        ),
    ] = None,
    decay_epochs: Annotated[
        int | None,
        typer.Option(
            min=0,
            rich_help_panel="Course of the training",
            help="Epochs after these, while the learning rate falls to 0. Default: see --epochs.",
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            min=1,
            rich_help_panel="Course of the training",
            help="Stop after so many epochs without a better score on val. Default: never.",
        ),
    ] = None,
    batch: Annotated[
        int, typer.Option(min=1, rich_help_panel="Course of the training", help="Triplets per step.")
    ] = 50,
    accumulate: Annotated[
        int,
        typer.Option(
            min=1, rich_help_panel="Course of the training", help="Number of parts of a batch, to save memory."
        ),
    ] = 1,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            rich_help_panel="Course of the training", help="Learning rate of Adam. Default: 1e-3; for scratch 1e-4."
        ),
    ] = None,
    trunk_learning_rate: Annotated[
        float | None,
        typer.Option(
            rich_help_panel="Course of the training",
            help="Learning rate of the trunk. Default: a hundredth of the other one; for scratch the same.",
        ),
    ] = None,
    dropout: Annotated[
        float, typer.Option(rich_help_panel="Loss", help="Share of differences that training leaves out.")
    ] = 0.5,
    loss: Annotated[
        Literal["rank", "binomial", "hinge"],
        typer.Option(
            rich_help_panel="Loss",
            help="Loss: of a rank network, of the votes without a network, or hinge with a margin.",
        ),
    ] = "rank",
    weigh_votes: Annotated[
        bool,
        typer.Option(
            "--weigh-votes",
            rich_help_panel="Loss",
            help="Count an item once per vote, as the binomial loss always does.",
        ),
    ] = False,
    margin: Annotated[float, typer.Option(rich_help_panel="Loss", help="Margin of the hinge loss.")] = 0.1,
    ordering_weight: Annotated[
        float,
        typer.Option(
            rich_help_panel="Loss",
            help="Weight of the term that makes worse patches more distant; 0 for human judgments.",
        ),
    ] = 10.0,
    seed: Annotated[
        int, typer.Option(min=0, rich_help_panel="Course of the training", help="Seed of all random numbers.")
    ] = 0,
    labels: Labels = None,
    cache: Cache = None,
    device: Device = None,
    reduction: Reduce = "exact",
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write curves for TensorBoard.")] = False,
    wandb: Annotated[
        str | None, typer.Option(metavar="PROJECT", help="Send curves to this project of Weights & Biases.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train LPIPS, or a certified metric, on BAPPS subsets."""
    # Most settings are read here, so that those of --config count where the command line gives none.
    given = {name: value for name, value in context.params.items() if _is_given(context, name)}
    made = make_config(given, config)
    from bappsmith.lpips.training.config import TrainConfig

    if print_config:
        from bappsmith.lpips.training.config_file import config_text

        settings = asdict(made)
        typer.echo(config_text(settings if "mode" in settings else {"mode": "certified", **settings}), nl=False)
        return
    if not subset or out is None:
        from bappsmith.manifests.errors import BappsmithError

        missing = "--out" if subset else "SUBSET"
        raise BappsmithError(f"train: {missing} is missing; write bappsmith train SUBSET… --out FOLDER")
    training = list_subsets(subset, "2afc/train", labels=labels)
    validation = list_subsets(val or subset, "2afc/val", labels=labels, required=bool(val))
    if not isinstance(made, TrainConfig):
        from bappsmith.lpips.robust.train import train_certified

        with progress_bar() as progress:
            result = train_certified(
                made, training, validation, out=out, cache=cache, reduction=reduction, progress=progress
            )
        _print(result, as_json)
        return
    from bappsmith.lpips.training.train import train as fit

    loggers: list[TrainingLogger] = []
    if tensorboard:
        from bappsmith.lpips.training.tensorboard import TensorBoardLogger

        loggers.append(TensorBoardLogger())
    if wandb is not None:
        from bappsmith.lpips.training.wandb import WandbLogger

        loggers.append(WandbLogger(wandb))
    with progress_bar() as progress:
        result = fit(
            made,
            training,
            validation,
            out=out,
            weights=weight or (),
            lapses=lapse or (),
            cache=cache,
            reduction=reduction,
            loggers=loggers,
            device=device,
            progress=progress,
        )
    _print(result, as_json)


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _print(result: TrainResult, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"checkpoint": str(result.checkpoint), "history": result.history}))
        return
    for row in result.history:
        figures = ", ".join(f"{key} {value:.4g}" for key, value in row.items() if key != "epoch")
        typer.echo(f"epoch {row['epoch']}: {figures}")
    typer.echo(f"metric: {result.checkpoint}")
