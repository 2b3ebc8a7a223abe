"""The command `train`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .options import Cache, Json, Labels, Reduce, Subsets
from .progress import progress_bar
from .subsets import list_subsets

if TYPE_CHECKING:
    from bappsmith.lpips.training.logger import TrainingLogger
    from bappsmith.lpips.training.train import TrainResult

ANY_MODE = {
    "subset",
    "out",
    "val",
    "mode",
    "seed",
    "labels",
    "cache",
    "reduction",
    "as_json",
    "epochs",
    "learning_rate",
}
"""Parameters of every mode."""
CERTIFIED = {"embedding", "robustness"}
"""Parameters of mode certified alone."""


def refuse_misplaced(mode: str, given: set[str]) -> None:
    """Refuse options that the mode does not use.

    Args:
        mode: the mode.
        given: names of the parameters that the command line gives.

    Raises:
        BappsmithError: an option belongs to another mode.
    """
    from bappsmith.manifests.errors import BappsmithError

    wrong = sorted(given - ANY_MODE - CERTIFIED if mode == "certified" else given & CERTIFIED)
    if wrong:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in wrong)
        raise BappsmithError(f"train: mode {mode} has no {options}; leave it out, or choose another mode")


def train(
    context: typer.Context,
    subset: Subsets,
    out: Annotated[
        Path, typer.Option(help="Folder for checkpoints and history. Run the same command again to resume.")
    ],
    val: Annotated[
        list[str] | None,
        typer.Option(help="Subset for validation; repeatable. Default: 2afc/val of the same datasets."),
    ] = None,
    weight: Annotated[
        list[float] | None,
        typer.Option(help="How often an epoch uses a subset, one number per subset: 1 uses all once, 0.5 half."),
    ] = None,
    lapse: Annotated[
        list[float] | None,
        typer.Option(help="Assumed share of random votes, one number, or one per subset: 0 if labels are certain."),
    ] = None,
    net: Annotated[
        str, typer.Option(help="Trunk: alex, vgg, squeeze, or torchvision's name of another network.")
    ] = "alex",
    tap: Annotated[list[str] | None, typer.Option(help="Layer of the trunk to compare, in order; repeatable.")] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            help="How features are compared; repeatable: local (LPIPS, the default), mean (means over the image), "
            "structure (means and covariances, after DISTS), covariance (its second half)."
        ),
    ] = None,
    distance: Annotated[
        Literal["lpips", "fc"], typer.Option(help="Linear heads (lpips), or also a small fully connected head (fc).")
    ] = "lpips",
    mode: Annotated[
        Literal["lin", "tune", "scratch", "certified"],
        typer.Option(
            help="What to train: heads (lin), heads and trunk (tune), both from random weights (scratch), or a metric "
            "whose judgments can be certified (certified)."
        ),
    ] = "lin",
    embedding: Annotated[
        Literal["dct", "sll"],
        typer.Option(
            help="Of mode certified: a fixed transform with trained weights (dct), or learnt convolutions (sll)."
        ),
    ] = "dct",
    robustness: Annotated[
        float | None,
        typer.Option(help="Of mode certified: weight of the radius in the loss. More: larger radii, lower score."),
    ] = None,
    trunk_weights: Annotated[
        str | None,
        typer.Option(
            help="File with torchvision's weights of the trunk; 'pretrained' downloads them (the default of lin and "
            "tune); 'random' takes --seed."
        ),
    ] = None,
    start_from: Annotated[
        Path | None, typer.Option(help="Checkpoint to take the first heads from; it must have the same trunk.")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=0, help="Epochs at the full learning rate. Default: for about 4,000 steps, half with decay."),
    ] = None,
    decay_epochs: Annotated[
        int | None,
        typer.Option(min=0, help="Epochs after these, while the learning rate falls to 0. Default: see --epochs."),
    ] = None,
    patience: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many epochs without a better score on val. Default: never.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Triplets per step.")] = 50,
    accumulate: Annotated[int, typer.Option(min=1, help="Number of parts of a batch, to save memory.")] = 1,
    learning_rate: Annotated[
        float | None, typer.Option(help="Learning rate of Adam. Default: 1e-3; for scratch 1e-4.")
    ] = None,
    trunk_learning_rate: Annotated[
        float | None,
        typer.Option(help="Learning rate of the trunk. Default: a hundredth of the other one; for scratch the same."),
    ] = None,
    dropout: Annotated[float, typer.Option(help="Share of differences that training leaves out.")] = 0.5,
    loss: Annotated[
        Literal["rank", "binomial", "hinge"],
        typer.Option(help="Loss: of a rank network, of the votes without a network, or hinge with a margin."),
    ] = "rank",
    weigh_votes: Annotated[
        bool, typer.Option("--weigh-votes", help="Count an item once per vote, as the binomial loss always does.")
    ] = False,
    margin: Annotated[float, typer.Option(help="Margin of the hinge loss.")] = 0.1,
    ordering_weight: Annotated[
        float, typer.Option(help="Weight of the term that makes worse patches more distant; 0 for human judgments.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")] = 0,
    labels: Labels = None,
    cache: Cache = None,
    reduction: Reduce = "exact",
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write curves for TensorBoard.")] = False,
    wandb: Annotated[
        str | None, typer.Option(metavar="PROJECT", help="Send curves to this project of Weights & Biases.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train LPIPS, or a certified metric, on BAPPS subsets."""
    given = {name for name in context.params if _is_given(context, name)}
    refuse_misplaced(mode, given)
    from bappsmith.lpips.model.forms import check_forms
    from bappsmith.lpips.training.config import TrainConfig
    from bappsmith.lpips.training.train import train as fit

    training = list_subsets(subset, "2afc/train", labels=labels)
    validation = list_subsets(val or subset, "2afc/val", labels=labels, required=bool(val))
    if mode == "certified":
        from bappsmith.lpips.robust.config import DEFAULTS
        from bappsmith.lpips.robust.train import train_certified

        settings = {"robustness": robustness, "epochs": epochs, "learning_rate": learning_rate}
        chosen = {name: value for name, value in settings.items() if value is not None}
        certified = replace(DEFAULTS[embedding], seed=seed, **chosen)
        with progress_bar() as progress:
            result = train_certified(
                certified, training, validation, out=out, cache=cache, reduction=reduction, progress=progress
            )
        _print(result, as_json)
        return
    start = None if mode == "scratch" else "pretrained"
    config = TrainConfig(
        net=net,
        taps=tuple(tap) if tap else None,
        forms=check_forms(form or ["local"]),
        distance=distance,
        mode=mode,
        trunk_weights=seed if trunk_weights == "random" else trunk_weights or start,
        start_from=None if start_from is None else str(start_from),
        epochs=epochs,
        decay_epochs=decay_epochs,
        patience=patience,
        batch=batch,
        accumulate=accumulate,
        learning_rate=learning_rate,
        trunk_learning_rate=trunk_learning_rate,
        dropout=dropout,
        loss=loss,
        weigh_votes=weigh_votes,
        margin=margin,
        ordering_weight=ordering_weight,
        seed=seed,
    )
    loggers: list[TrainingLogger] = []
    if tensorboard:
        from bappsmith.lpips.training.tensorboard import TensorBoardLogger

        loggers.append(TensorBoardLogger())
    if wandb is not None:
        from bappsmith.lpips.training.wandb import WandbLogger

        loggers.append(WandbLogger(wandb))
    with progress_bar() as progress:
        result = fit(
            config,
            training,
            validation,
            out=out,
            weights=weight or (),
            lapses=lapse or (),
            cache=cache,
            reduction=reduction,
            loggers=loggers,
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
