"""The command `attack`."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from .completion import complete, metrics
from .options import Cache, Device, HeadWeights, Json, Labels, Net, Radius, Reduce, TrunkWeights
from .progress import progress_bar
from .subsets import list_subsets, name_of


def attack(
    subset: Annotated[
        list[str], typer.Argument(help="Subsets (DATASET/2afc/val/NAME) or whole datasets: folders or addresses.")
    ],
    metric: Annotated[list[str], typer.Option(help="As in evaluate; repeatable.", autocompletion=complete(metrics))],
    radius: Radius = None,
    linf: Annotated[list[float] | None, typer.Option(help="linf radius in 1/255; repeatable.")] = None,
    moved: Annotated[Literal["ref", "p0", "p1"], typer.Option(help="The image that changes.")] = "ref",
    steps: Annotated[int, typer.Option(min=1, help="Gradient steps of each start.")] = 20,
    starts: Annotated[int, typer.Option(min=1, help="Random starts; the best counts.")] = 1,
    items: Annotated[int, typer.Option(min=0, help="Number of items, evenly spaced; 0: all.")] = 500,
    net: Net = None,
    trunk_weights: TrunkWeights = None,
    head_weights: HeadWeights = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the starts, and of the trunk of 'random'.")] = 0,
    labels: Labels = None,
    cache: Cache = None,
    device: Device = None,
    reduction: Reduce = "exact",
    as_json: Json = False,
) -> None:
    """Search for small changes of an image that turn the judgments of metrics (projected gradient descent)."""
    from bappsmith.lpips.data.subset import load_subset
    from bappsmith.lpips.device import find_device
    from bappsmith.lpips.evaluation.metrics import find_metric
    from bappsmith.lpips.robust.attack import AttackConfig, attack_subset, spaced
    from bappsmith.lpips.robust.budget import budgets_of_255
    from bappsmith.lpips.robust.score import photographs, refuse_unfit

    chosen = find_device(device)
    budgets = budgets_of_255(radius, linf)
    config = AttackConfig(moved=moved, steps=steps, starts=starts, seed=seed)
    metrics = {
        name: find_metric(name, net=net, trunk_weights=trunk_weights, head_weights=head_weights, seed=seed)
        for name in dict.fromkeys(metric)
    }
    subsets = [
        (name_of(source), load_subset(source, cache=cache, reduction=reduction))
        for source in list_subsets(subset, "2afc/val", labels=labels)
    ]
    for _, loaded in subsets:
        refuse_unfit(loaded, budgets)
    figures = []
    for of, whole in subsets:
        loaded = spaced(whole, items)
        for name, one in metrics.items():
            with progress_bar() as progress:
                attacked = attack_subset(one, loaded, budgets, config, device=chosen, progress=progress)
            rows = [score.to_json() for score in attacked.scores(photographs(loaded))]
            figures.append({"subset": of, "metric": name, "items": len(loaded), "scores": rows})
    if as_json:
        typer.echo(json.dumps({"moved": moved, "steps": steps, "starts": starts, "results": figures}))
        return
    for one in figures:
        typer.echo(f"{one['subset']}, {one['metric']}, {one['items']:,} items, changes of {moved}")
        for score in one["scores"]:
            low, high = (100 * end for end in score["interval"])
            typer.echo(
                f"  {score['budget'] or 'no change':14} 2AFC at most {100 * score['score']:.1f} % ({low:.1f} – "
                f"{high:.1f})"
            )
