"""The command `select`: what to ask people about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .completion import complete, metrics
from .dataset import DatasetArgument
from .options import Cluster, HeadWeights, Json, Net, Scheduler, TrunkWeights, Workers
from .progress import progress_bar

if TYPE_CHECKING:
    from bappsmith.annotation.selection.leave_one_out import LeftOut
    from bappsmith.pipeline.judging.named_metric import NamedMetric

METRICS = ("l2", "ssim", "gmsd", "mdsi")
"""Default: cheap metrics that look at different things (values, structure, edges, edges with colour)."""


def select(
    dataset: DatasetArgument,
    budget: Annotated[int, typer.Option(min=1, help="Number of items to ask people about.")],
    by: Annotated[
        str,
        typer.Option(
            help="random, closeness, disagreement, information, cover, or a mixture such as "
            "disagreement=.5,cover=.3,random=.2."
        ),
    ] = "random",
    subset: Annotated[
        list[str] | None,
        typer.Option(help="Subset, such as 2afc/val/traditional; repeatable. Default: all 2AFC subsets."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help=f"As in evaluate; repeatable. Default: {', '.join(METRICS)}, if --by needs metrics.",
            autocompletion=complete(metrics),
        ),
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(help="Labelling of a judge that counts as one more metric, such as one by scale; repeatable."),
    ] = None,
    floor: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Least share of the budget drawn at random from all items. With 0, items that --by finds "
            "uninteresting have no chance, and scores cannot be corrected for them.",
        ),
    ] = 0.2,
    check: Annotated[
        str | None,
        typer.Option(
            help="Labelling of all items, such as a judge's: leave one metric out at a time, and print how far its "
            "score on such a selection is from its score on all items."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw.")] = 0,
    net: Net = None,
    trunk_weights: TrunkWeights = None,
    head_weights: HeadWeights = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    out: Annotated[Path | None, typer.Option(help="The selection, .parquet or .csv.")] = None,
    as_json: Json = False,
) -> None:
    """Choose items to ask people about, each with a known probability.

    `bappsmith annotate serve --selection FILE` asks about them. `bappsmith evaluate --selection FILE` corrects scores.
    """
    import numpy as np

    from bappsmith.annotation.selection.candidates import find_candidates
    from bappsmith.annotation.selection.leave_one_out import leave_one_out
    from bappsmith.annotation.selection.mixture import Mixture
    from bappsmith.annotation.selection.select import select as choose
    from bappsmith.annotation.selection.selection_file import check_suffix, write_selection
    from bappsmith.manifests.dataset import Dataset
    from bappsmith.manifests.errors import BappsmithError

    mixture = Mixture.parse(by, floor)
    if out is None and check is None:
        raise BappsmithError("select: nothing to write; give --out FILE, or --check LABELLING to see what it would do")
    if out is not None:
        check_suffix(out)
        if not out.resolve().parent.is_dir():
            raise BappsmithError(f"--out {out}: folder {out.parent} does not exist; make it first")
    opened = Dataset(dataset)
    names = list(dict.fromkeys(metric or (METRICS if check or (mixture.least_metrics and not labels) else ())))
    with progress_bar() as progress:
        candidates = find_candidates(
            opened,
            subset or (),
            [_named(name, net, trunk_weights, head_weights) for name in names],
            labels or (),
            progress=lambda done, total: progress("items", done, total),
            workers=workers,
            scheduler=scheduler,
            cluster=cluster,
        )
    selection = choose(candidates, budget, mixture, seed=seed)
    checked: Sequence[LeftOut] = ()
    if check is not None:
        judgments = np.concatenate([one.labels(check).shares for one in candidates.subsets])
        checked = leave_one_out(candidates, budget, mixture, judgments, seed=seed)
    if out is not None:
        write_selection(out, selection)
    if as_json:
        subsets = dict(Counter(selection.subsets))
        facts = {**selection.provenance, "chosen": subsets, "check": [asdict(row) for row in checked]}
        typer.echo(json.dumps(facts))
        return
    left_out = selection.provenance["left_out"]
    typer.echo(
        f"{dataset}: {len(selection):,} of {len(candidates):,} items by {mixture}; probabilities "
        f"{selection.probabilities.min():.3g} to {selection.probabilities.max():.3g}"
    )
    if left_out["identical"]:
        typer.echo(f"{left_out['identical']:,} items with two identical patches are left out on purpose")
    if left_out["no_chance"]:
        typer.echo(
            f"{left_out['no_chance']:,} items have no chance (--floor {floor:g}); scores on the selection say nothing "
            "of them, and cannot be corrected"
        )
    if checked:
        _print_check(checked)


def _named(name: str, net: str | None, trunk_weights: str | None, head_weights: Path | None) -> NamedMetric:
    """Return a metric by its name. Options for networks do not concern those without one."""
    from bappsmith.lpips.evaluation.baselines import BASELINES
    from bappsmith.pipeline.judging.named_metric import NamedMetric

    if name in BASELINES:
        return NamedMetric(metric=name)
    heads = None if head_weights is None else str(head_weights)
    return NamedMetric(metric=name, net=net, trunk_weights=trunk_weights, head_weights=heads)


def _print_check(rows: Sequence[LeftOut]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from .table import print_table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("left out")
    for heading in ("all items, %", "selected, as is", "bias", "corrected", "bias", "± one selection", "± random"):
        table.add_column(heading, justify="right")
    for row in rows:
        scores = (row.score, row.plain, row.plain - row.score, row.corrected, row.corrected - row.score)
        signs = ("", "", "+", "", "+")
        cells = [f"{100 * value:{sign}.1f}" for value, sign in zip(scores, signs, strict=True)]
        spreads = (f"{100 * row.corrected_spread:.1f}", f"{100 * row.random_spread:.1f}")
        table.add_row(Text(row.metric), *cells, *spreads)
    print_table(table)
    typer.echo(
        "Each metric was scored on 200 selections by the others. ±: standard deviation of the corrected score from "
        "selection to selection, and of the score on as many random items."
    )
