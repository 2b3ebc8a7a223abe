"""The command `compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .all_pairs import compare_all_pairs
from .completion import complete, metrics
from .options import Device, HeadWeights, Json, Net, TrunkWeights
from .progress import progress_bar


def compare(
    one: Annotated[Path, typer.Argument(help="The reference: an image, or a folder.")],
    two: Annotated[
        Path | None,
        typer.Argument(
            help="The image to compare; or a folder, whose files are paired by name. With --all-pairs it may be left "
            "out: the first folder against itself."
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="As in evaluate; repeatable. Default: l2, ssim.", autocompletion=complete(metrics)),
    ] = None,
    net: Net = None,
    trunk_weights: TrunkWeights = None,
    head_weights: HeadWeights = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the trunk of 'random'.")] = 0,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="Measure every image against every image, and show the nearest ones.")
    ] = False,
    nearest: Annotated[int, typer.Option(min=1, help="Number of nearest images, with --all-pairs.")] = 5,
    out: Annotated[
        Path | None,
        typer.Option(
            help="With --all-pairs: FILE.parquet for the table of nearest images, or FILE.npy for the distances of all "
            "pairs, with the names in FILE.json."
        ),
    ] = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Compare two images, the images of two folders by name, or all images with all (--all-pairs).

    SSIM and PSNR are higher for more similar images (↑). Distances are lower (↓).
    """
    from bappsmith.lpips.device import find_device
    from bappsmith.lpips.evaluation.compare import compare as measure
    from bappsmith.lpips.evaluation.compare import pair_up
    from bappsmith.lpips.evaluation.metrics import find_metric
    from bappsmith.lpips.evaluation.quantities import quantity
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.pipeline.sources.decode import decode_file
    from bappsmith.pipeline.sources.formats import SUFFIXES

    if not all_pairs and (out is not None or two is None):
        what = f"--out {out} is for --all-pairs" if out is not None else f"{one}: compare it with what?"
        raise BappsmithError(f"{what}; give a second image or folder, or --all-pairs")
    chosen = find_device(device)
    pairs = {} if all_pairs or two is None else pair_up(one, two, SUFFIXES)
    names = list(dict.fromkeys(metric or ["l2", "ssim"]))
    metrics = {
        name: find_metric(name, net=net, trunk_weights=trunk_weights, head_weights=head_weights, seed=seed)
        for name in names
    }
    if all_pairs:
        compare_all_pairs(
            one, two, metrics, nearest=nearest, out=out, suffixes=SUFFIXES, device=chosen, as_json=as_json
        )
        return
    with progress_bar() as progress:
        compared = measure(
            pairs,
            metrics,
            decode_file,
            device=chosen,
            progress=lambda done, total: progress("pairs", done, total),
        )
    quantities = {name: quantity(name) for name in names}
    rows = {row.name: {n: q.from_distance(row.distances[n]) for n, q in quantities.items()} for row in compared}
    means = {name: sum(row[name] for row in rows.values()) / len(rows) for name in names}
    if as_json:
        higher = {name: q.higher_is_more_alike for name, q in quantities.items()}
        pairs_json = [{"name": name, **row} for name, row in rows.items()]
        typer.echo(json.dumps({"pairs": pairs_json, "mean": means, "higher_is_more_alike": higher}))
        return
    width = max(4, *(len(name) for name in rows))
    columns = {name: max(12, len(q.heading)) for name, q in quantities.items()}
    typer.echo(" " * width + "".join(f"  {quantities[name].heading:>{w}}" for name, w in columns.items()))
    for name, row in {**rows, **({"mean": means} if len(rows) > 1 else {})}.items():
        typer.echo(f"{name:{width}}" + "".join(f"  {row[n]:>{w}.6f}" for n, w in columns.items()))
    typer.echo("↑ higher is more similar, ↓ lower is more similar")
