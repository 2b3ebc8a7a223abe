"""The commands `train`, `evaluate` and `export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .options import Json
from .progress import progress_bar

if TYPE_CHECKING:
    from bappsmith.lpips.data.subset import SubsetSource
    from bappsmith.lpips.evaluation.evaluation import Evaluation

Subsets = Annotated[
    list[str], typer.Argument(help="Subsets (DATASET/2afc/train/NAME) or whole datasets: folders or addresses.")
]
Labels = Annotated[str | None, typer.Option(help="Name of the labelling to use. Default: the active one.")]
TrunkWeights = Annotated[
    str | None,
    typer.Option(help="File with torchvision's weights of the trunk; 'pretrained' downloads them (the default)."),
]
HeadWeights = Annotated[Path | None, typer.Option(help="File with the heads of 'lpips', such as the published ones.")]
Net = Annotated[
    str | None,
    typer.Option(
        help="Trunk of 'random', 'untrained' and 'lpips' (default: alex). Checkpoints with another trunk are refused."
    ),
]
Cache = Annotated[
    Path | None,
    typer.Option(help="Folder for packed subsets and cached differences; default: DATASET-packed beside each dataset."),
]
Reduce = Annotated[
    Literal["exact", "reference"],
    typer.Option(
        "--reduction", help="How to reduce files enlarged four times: exact, or blurred as in the reference code."
    ),
]


def train(
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
    net: Annotated[
        str, typer.Option(help="Trunk: alex, vgg, squeeze, or torchvision's name of another network.")
    ] = "alex",
    tap: Annotated[list[str] | None, typer.Option(help="Layer of the trunk to compare, in order; repeatable.")] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            help="How features are compared; repeatable: local (LPIPS, the default), mean (means over the image), "
            "structure (means and covariances, after DISTS)."
        ),
    ] = None,
    distance: Annotated[
        Literal["lpips", "fc"], typer.Option(help="Linear heads (lpips), or also a small fully connected head (fc).")
    ] = "lpips",
    mode: Annotated[
        Literal["lin", "tune", "scratch"],
        typer.Option(help="What to train: heads (lin), heads and trunk (tune), or both from random weights (scratch)."),
    ] = "lin",
    trunk_weights: Annotated[
        str | None,
        typer.Option(
            help="File with torchvision's weights of the trunk; 'pretrained' downloads them (the default of lin and "
            "tune); 'random' takes --seed."
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(min=0, help="Epochs at the full learning rate.")] = 5,
    decay_epochs: Annotated[
        int, typer.Option(min=0, help="Epochs after these, while the learning rate falls to 0.")
    ] = 5,
    batch: Annotated[int, typer.Option(min=1, help="Triplets per step.")] = 50,
    accumulate: Annotated[int, typer.Option(min=1, help="Number of parts of a batch, to save memory.")] = 1,
    learning_rate: Annotated[float, typer.Option(help="Learning rate of Adam.")] = 1e-4,
    dropout: Annotated[float, typer.Option(help="Share of differences that training leaves out.")] = 0.5,
    loss: Annotated[
        Literal["rank", "hinge"], typer.Option(help="Loss: of a rank network, or hinge with a margin.")
    ] = "rank",
    margin: Annotated[float, typer.Option(help="Margin of the hinge loss.")] = 0.1,
    ordering_weight: Annotated[
        float, typer.Option(help="Weight of the term that makes worse patches more distant; 0 for human judgments.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")] = 0,
    labels: Labels = None,
    cache: Cache = None,
    reduction: Reduce = "exact",
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write curves for TensorBoard.")] = False,
    as_json: Json = False,
) -> None:
    """Train LPIPS on BAPPS subsets."""
    from bappsmith.lpips.model.forms import check_forms
    from bappsmith.lpips.training.config import TrainConfig
    from bappsmith.lpips.training.train import train as fit

    start = None if mode == "scratch" else "pretrained"
    config = TrainConfig(
        net=net,
        taps=tuple(tap) if tap else None,
        forms=check_forms(form or ["local"]),
        distance=distance,
        mode=mode,
        trunk_weights=seed if trunk_weights == "random" else trunk_weights or start,
        epochs=epochs,
        decay_epochs=decay_epochs,
        batch=batch,
        accumulate=accumulate,
        learning_rate=learning_rate,
        dropout=dropout,
        loss=loss,
        margin=margin,
        ordering_weight=ordering_weight,
        seed=seed,
    )
    training = _subsets(subset, "2afc/train", labels=labels)
    if val:
        validation = _subsets(val, "2afc/val", labels=labels)
    else:
        validation = _subsets(subset, "2afc/val", labels=labels, required=False)
    with progress_bar() as progress:
        result = fit(
            config,
            training,
            validation,
            out=out,
            weights=weight or (),
            cache=cache,
            reduction=reduction,
            tensorboard=tensorboard,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps({"checkpoint": str(result.checkpoint), "history": result.history}))
        return
    for row in result.history:
        figures = ", ".join(f"{key} {value:.4g}" for key, value in row.items() if key != "epoch")
        typer.echo(f"epoch {row['epoch']}: {figures}")
    typer.echo(f"metric: {result.checkpoint}")


def evaluate(
    subset: Subsets,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="A baseline, random, untrained, untrained-structure (or other forms), lpips (needs --head-weights) "
            "or a checkpoint file; repeatable. Default: l2, ssim."
        ),
    ] = None,
    net: Net = None,
    trunk_weights: TrunkWeights = None,
    head_weights: HeadWeights = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the trunk of 'random'.")] = 0,
    labels: Labels = None,
    cache: Cache = None,
    reduction: Reduce = "exact",
    report: Annotated[Path | None, typer.Option(help="Write a self-contained HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Score metrics on BAPPS subsets with 95 % intervals, and compare the last metric with the others."""
    from bappsmith.distortions.registry import operators
    from bappsmith.lpips.evaluation.evaluate import evaluate as score
    from bappsmith.lpips.evaluation.metrics import find_metric
    from bappsmith.lpips.evaluation.provenance import notes_on_training
    from bappsmith.manifests.errors import BappsmithError

    if report is not None and not report.resolve().parent.is_dir():
        raise BappsmithError(f"--report {report}: folder {report.parent} does not exist; make it first")
    names = list(dict.fromkeys(metric or ["l2", "ssim"]))
    metrics = {
        name: find_metric(name, net=net, trunk_weights=trunk_weights, head_weights=head_weights, seed=seed)
        for name in names
    }
    roots = _subsets(subset, "2afc/val", "jnd/val", labels=labels)
    families = {name: op.family for name, op in operators().items()}
    with progress_bar() as progress:
        evaluation = score(roots, metrics, cache=cache, reduction=reduction, families=families, progress=progress)
    for name in names:
        if Path(name).suffix == ".safetensors":
            evaluation.notes += notes_on_training(evaluation, name, name)
    if report is not None:
        from bappsmith.lpips.evaluation.report import write_report

        write_report(report, evaluation, title="Evaluation of " + ", ".join(names))
    if as_json:
        typer.echo(json.dumps(evaluation.to_json()))
    else:
        print_scores(evaluation)


def export(
    checkpoint: Annotated[Path, typer.Argument(help="A trained metric, with linear heads of form local.")],
    out: Annotated[Path, typer.Option(help="File for `lpips.LPIPS(net=…, model_path=…)`.")],
) -> None:
    """Write a trained metric for the published lpips package."""
    from bappsmith.lpips.model.checkpoint import load_metric
    from bappsmith.lpips.model.export import export_published

    metric = load_metric(checkpoint)
    export_published(metric, out)
    typer.echo(f"{out}: lpips.LPIPS(net='{metric.net}', model_path='{out}')")


def print_scores(evaluation: Evaluation) -> None:
    """Print a table of scores with their intervals."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))  # fits 80 columns
    for heading in ("subset", "metric", "protocol"):
        table.add_column(heading, overflow="fold")
    for heading in ("items", "score, %", "95 % interval"):
        table.add_column(heading, justify="right")
    for s in evaluation.scores:
        interval = f"{100 * s.low:.1f} – {100 * s.high:.1f}"
        words = (Text(name) for name in (s.subset, s.metric, s.protocol))  # brackets in names are not markup
        table.add_row(*words, f"{s.count:,}", f"{100 * s.score:.1f}", interval)
    console = Console()
    if not console.is_terminal:  # in a file or a pipe, lines are not wrapped or cut
        console.width = max(80, table.__rich_measure__(console, console.options.update(max_width=10_000)).maximum)
    console.print(table)
    if evaluation.comparisons:
        typer.echo(f"{evaluation.comparisons[0].metric} minus each other metric, paired:")
    for c in evaluation.comparisons:
        ends = f"{100 * c.low:+.1f} – {100 * c.high:+.1f}"
        typer.echo(f"  {c.subset}  {c.other}: {100 * c.gap:+.1f} points ({ends}), p = {c.p:.3f}")
    for note in evaluation.notes:
        typer.echo(note)


def _subsets(paths: list[str], *kinds: str, labels: str | None = None, required: bool = True) -> list[SubsetSource]:
    """List subsets: a given subset itself, or the subsets of a whole dataset below `kinds`, such as 2afc/val.

    Args:
        paths: folders or addresses of subsets or datasets.
        kinds: for whole datasets, the first two parts of the paths of subsets.
        labels: name of a labelling; None: the active one.
        required: whether at least one subset must exist.

    Raises:
        BappsmithError: no subset exists although one is required, or a labelling is missing.
    """
    from bappsmith.manifests.dataset import Dataset, open_subset
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.forms.bapps import find_subsets
    from bappsmith.manifests.seal import SEAL
    from bappsmith.manifests.store.open import is_address, open_store

    subsets: list[str | Path] = []
    wanted = tuple(f"{kind}/" for kind in kinds)
    for path in paths:
        if open_store(path).exists(SEAL):
            subsets += [f"{path.rstrip('/')}/{name}" for name in Dataset(path) if name.startswith(wanted)]
            continue
        inside = [] if is_address(path) else find_subsets(path)
        if inside == [Path(path)]:
            subsets += inside if required else []
        elif inside:
            subsets += [folder for folder in inside if folder.relative_to(path).as_posix().startswith(wanted)]
        elif required or not is_address(path):
            subsets.append(path)  # reading it gives the error that names what is missing
    if required and not subsets:
        raise BappsmithError(
            f"{', '.join(paths)}: no subset in {' or '.join(kinds)}; give a subset or dataset that has one"
        )
    return [path if labels is None else open_subset(path).judged(labels) for path in subsets]
