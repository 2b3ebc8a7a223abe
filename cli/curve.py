"""The command `curve`: how much data."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete, metrics, nets
from .dataset import DatasetArgument
from .options import Cache, Device, Json, Labels, TrunkWeights
from .progress import progress_bar
from .select import METRICS

if TYPE_CHECKING:
    from bappsmith.annotation.curves.learning_curve import Curve


def curve(
    dataset: DatasetArgument,
    labels: Labels = None,
    subset: Annotated[
        str | None, typer.Option(help="2AFC subset, such as 2afc/train/traditional. Default: the first one.")
    ] = None,
    size: Annotated[
        list[int] | None, typer.Option(help="Number of items; repeatable. Default: 50, 100, 200 … all.")
    ] = None,
    votes: Annotated[
        list[int] | None, typer.Option(help="Votes per item; repeatable. Default: 1, 2, 3, 5, as far as there are.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=2, help="Number of repetitions, each with other held-out photographs.")] = 5,
    trunk_weights: TrunkWeights = None,
    net: Annotated[
        str,
        typer.Option(help="Trunk whose channels are weighted, with --trunk-weights.", autocompletion=complete(nets)),
    ] = "alex",
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Without --trunk-weights, metrics to weight; repeatable. Default: {', '.join(METRICS)}.",
            autocompletion=complete(metrics),
        ),
    ] = None,
    cache: Cache = None,
    device: Device = None,
    plot: Annotated[Path | None, typer.Option(help="Write the curve as PNG.")] = None,
    as_json: Json = False,
) -> None:
    """Show how a metric's score grows with items and with votes per item, so that you can plan what to ask for."""
    import numpy as np

    from bappsmith.annotation.curves.features import metric_features, trunk_features
    from bappsmith.annotation.curves.learning_curve import learning_curve
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.manifests.store.atomic import atomic_write_bytes
    from bappsmith.pipeline.judging.named_metric import NamedMetric

    if device is not None and trunk_weights is None:
        raise BappsmithError("curve: --device is for --trunk-weights, metrics run on the CPU; leave it out")
    opened = Dataset(dataset)
    found = [one.name for one in opened.subsets() if one.kind == "2afc"]
    if not found:
        raise BappsmithError(f"curve: {dataset} has no 2AFC subset, and a learning curve needs one")
    chosen = opened.sealed(subset or found[0])
    if chosen.kind != "2afc":
        raise BappsmithError(f"curve: {chosen.name} is not a 2AFC subset; choose one of {', '.join(found)}")
    if plot is not None and not plot.resolve().parent.is_dir():
        raise BappsmithError(f"--plot {plot}: folder {plot.parent} does not exist; make it first")
    labelling = chosen.labels(labels)
    with progress_bar() as progress:
        if trunk_weights is None:
            metrics = [NamedMetric(metric=name) for name in metric or METRICS]
            measured = metric_features(
                opened, chosen, metrics, progress=lambda done, total: progress("distances", done, total)
            )
        else:
            measured = trunk_features(
                chosen,
                net=net,
                trunk_weights=trunk_weights,
                cache=cache,
                device=device,
                progress=lambda done, total: progress("features", done, total),
            )
        photos = np.unique(chosen.columns("photo")["photo"], return_inverse=True)[1].reshape(-1)
        drawn = learning_curve(
            measured,
            labelling.shares,
            labelling.votes,
            photos,
            sizes=size or (),
            votes_per_item=votes or (),
            seeds=seeds,
            progress=lambda done, total: progress("fits", done, total),
        )
    if plot is not None:
        from bappsmith.annotation.curves.plot import plot_curve
        from bappsmith.lpips.evaluation.plots import png

        atomic_write_bytes(plot, png(plot_curve(drawn, f"{chosen.name}, labelling {labelling.name}")))
    if as_json:
        typer.echo(json.dumps({"subset": chosen.name, "labelling": labelling.name, **drawn.to_json()}))
    else:
        _print(drawn)


def _print(curve: Curve) -> None:
    from rich import box
    from rich.table import Table

    from .table import print_table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("items", "votes each", "2AFC, %", "95 % interval"):
        table.add_column(heading, justify="right")
    table.add_row("0", "–", *_cells(curve.untrained.score, curve.untrained.low, curve.untrained.high))
    for point in curve.points:
        table.add_row(f"{point.items:,}", str(point.votes or "rule"), *_cells(point.score, point.low, point.high))
    print_table(table)
    if not math.isnan(curve.ceiling):
        typer.echo(f"ceiling of the votes: {100 * curve.ceiling:.1f} %")
    for level, law in curve.laws.items():
        most = max(point.items for point in curve.points if point.votes == level)
        what = f"{level} vote{'s' if level > 1 else ''} per item" if level else "judgments of a rule"
        ahead = " · ".join(
            f"{count:,} items {score} % ({ends})"
            for count in (2 * most, 4 * most)
            for score, ends in [_cells(law(count), *law.interval(count))]
        )
        typer.echo(f"{what}, if the power law goes on: {ahead}")


def _cells(score: float, low: float, high: float) -> tuple[str, str]:
    return f"{100 * score:.1f}", f"{100 * low:.1f} – {100 * high:.1f}"
