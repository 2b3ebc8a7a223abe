"""The command `certify`."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from .options import Cache, Device, Json, Labels, Radius, Reduce
from .progress import progress_bar
from .subsets import list_subsets, name_of


def certify(
    subset: Annotated[
        list[str], typer.Argument(help="Subsets (DATASET/2afc/val/NAME) or whole datasets: folders or addresses.")
    ],
    metric: Annotated[str, typer.Option(help="l2, or a metric of `train --mode certified`.")],
    radius: Radius = None,
    linf: Annotated[
        list[float] | None, typer.Option(help="linf radius in 1/255; repeatable. It is certified through l2.")
    ] = None,
    moved: Annotated[
        Literal["ref", "p0", "p1", "all"], typer.Option(help="What changes: one image, or all three by as much each.")
    ] = "ref",
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Also measure the Lipschitz constant, from below, on some images; fail if it is wrong."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the measurements of --check.")] = 0,
    labels: Labels = None,
    cache: Cache = None,
    device: Device = None,
    reduction: Reduce = "exact",
    as_json: Json = False,
) -> None:
    """Prove which judgments of a metric no small change of an image can turn."""
    from bappsmith.lpips.data.subset import load_subset
    from bappsmith.lpips.device import find_device
    from bappsmith.lpips.robust.budget import budgets_of_255
    from bappsmith.lpips.robust.certify import certified_scores, find_lipschitz_metric
    from bappsmith.lpips.robust.certify import certify as prove
    from bappsmith.lpips.robust.constant import measure_constant
    from bappsmith.lpips.robust.score import photographs, refuse_unfit

    chosen = find_device(device)
    budgets = budgets_of_255(radius, linf)
    embedding = find_lipschitz_metric(metric)
    subsets = [
        (name_of(source), load_subset(source, cache=cache, reduction=reduction))
        for source in list_subsets(subset, "2afc/val", labels=labels)
    ]
    for _, loaded in subsets:
        refuse_unfit(loaded, budgets)
    figures = []
    for name, loaded in subsets:
        with progress_bar() as progress:
            certified = prove(
                embedding,
                loaded,
                device=chosen,
                progress=lambda done, total, name=name: progress(f"{name} {metric}", done, total),
            )
        scores = certified_scores(certified, loaded.labels.numpy(), photographs(loaded), budgets, moved)
        one = {"subset": name, "items": len(loaded), "scores": [score.to_json() for score in scores]}
        if check:
            measured = measure_constant(embedding, loaded, seed=seed)
            measured.refuse_above(embedding.lipschitz_constant(), metric)
            one["measured"] = measured.to_json()
        figures.append(one)
    constant = embedding.lipschitz_constant()
    if as_json:
        typer.echo(json.dumps({"metric": metric, "moved": moved, "lipschitz_constant": constant, "subsets": figures}))
        return
    typer.echo(f"{metric}: Lipschitz constant {constant:.6g} (images in [0, 1], l2); changes of {moved}")
    for one in figures:
        typer.echo(f"{one['subset']}, {one['items']:,} items")
        for score in one["scores"]:
            low, high = (100 * end for end in score["interval"])
            typer.echo(
                f"  {score['budget'] or 'no change':14} 2AFC at least {100 * score['score']:.1f} % ({low:.1f} – "
                f"{high:.1f}), judgments certified {100 * score['held']:.1f} %"
            )
        for name, value in one.get("measured", {}).items():
            typer.echo(f"  constant measured by {name}: {value:.6f}")
