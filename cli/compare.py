"""compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .metric import HeadWeights, Net, TrunkWeights
from .options import Json
from .progress import progress_bar


def compare(
    one: Annotated[Path, typer.Argument(help="The reference: an image, or a folder.")],
    two: Annotated[Path, typer.Argument(help="The image to compare; or a folder, paired by name.")],
    metric: Annotated[
        list[str] | None,
        typer.Option(help="As in evaluate; repeatable. Default: l2, ssim."),
    ] = None,
    net: Net = None,
    trunk_weights: TrunkWeights = None,
    head_weights: HeadWeights = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the trunk of 'random'.")] = 0,
    as_json: Json = False,
) -> None:
    """Distances of two images, or of the images of two folders."""
    from bappsmith.lpips.evaluation.compare import compare as measure
    from bappsmith.lpips.evaluation.compare import pair_up
    from bappsmith.lpips.evaluation.metrics import find_metric
    from bappsmith.pipeline.sources.decode import decode_file
    from bappsmith.pipeline.sources.formats import SUFFIXES

    pairs = pair_up(one, two, SUFFIXES)
    names = list(dict.fromkeys(metric or ["l2", "ssim"]))
    metrics = {
        name: find_metric(name, net=net, trunk_weights=trunk_weights, head_weights=head_weights, seed=seed)
        for name in names
    }
    with progress_bar() as progress:
        found = measure(pairs, metrics, decode_file, progress=lambda done, total: progress("pairs", done, total))
    means = {name: sum(row.distances[name] for row in found) / len(found) for name in names}
    if as_json:
        rows = [{"name": row.name, **row.distances} for row in found]
        typer.echo(json.dumps({"pairs": rows, "mean": means}))
        return
    width = max(len(row.name) for row in found)
    columns = [max(12, len(name)) for name in names]
    typer.echo(" " * width + "".join(f"  {name:>{w}}" for name, w in zip(names, columns, strict=True)))
    for row in found:
        figures = "".join(f"  {row.distances[n]:>{w}.6f}" for n, w in zip(names, columns, strict=True))
        typer.echo(f"{row.name:{width}}{figures}")
    if len(found) > 1:
        typer.echo(f"{'mean':{width}}" + "".join(f"  {means[n]:>{w}.6f}" for n, w in zip(names, columns, strict=True)))
