"""`compare --all-pairs`: the nearest images of every image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .progress import progress_bar
from .table import print_table

if TYPE_CHECKING:
    import torch

    from bappsmith.lpips.evaluation.baselines import Metric
    from bappsmith.lpips.evaluation.neighbours import Neighbour

SHOWN = 20
"""Queries in the table on the terminal."""


def compare_all_pairs(
    one: Path,
    two: Path | None,
    metrics: Mapping[str, Metric],
    *,
    nearest: int,
    out: Path | None,
    suffixes: tuple[str, ...],
    device: torch.device,
    as_json: bool,
) -> None:
    """Measure all images of one folder against all of it, or of another, and print the nearest ones.

    Args:
        one: folder of queries.
        two: folder of images to compare with; None: the same folder, where no image is compared with itself.
        metrics: name → metric.
        nearest: number of nearest images of each query.
        out: file for the result, .npy or .parquet; see `all_pairs_of_folders`.
        suffixes: suffixes of images.
        device: where networks run.
        as_json: print all nearest images as JSON instead of a table.
    """
    from bappsmith.lpips.evaluation.neighbours import all_pairs_of_folders
    from bappsmith.lpips.evaluation.quantities import quantity
    from bappsmith.pipeline.sources.decode import decode_file

    with progress_bar() as progress:
        neighbours = all_pairs_of_folders(
            one,
            two,
            metrics,
            decode_file,
            suffixes=suffixes,
            nearest=nearest,
            out=out,
            device=device,
            progress=lambda done, total: progress("pairs", done, total),
        )
    figures = {name: quantity(name) for name in metrics}
    rows = [
        {
            "metric": row.metric,
            "query": row.query,
            "candidate": row.candidate,
            "rank": row.rank,
            "value": figures[row.metric].from_distance(row.distance),
        }
        for row in neighbours
    ]
    if as_json:
        higher = {name: figure.higher_is_more_alike for name, figure in figures.items()}
        typer.echo(json.dumps({"nearest": rows, "higher_is_more_alike": higher}))
        return
    _print(neighbours, [figures[row.metric].from_distance(row.distance) for row in neighbours], nearest)
    if out is not None:
        typer.echo(f"wrote {out}")


def _print(neighbours: Sequence[Neighbour], values: Sequence[float], nearest: int) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("metric", "image", "nearest"):
        table.add_column(heading)
    table.add_column("value", justify="right")
    shown = SHOWN * nearest
    for row, value in list(zip(neighbours, values, strict=True))[:shown]:
        table.add_row(Text(row.metric), Text(row.query), Text(row.candidate), f"{value:.6f}")
    print_table(table)
    if len(neighbours) > shown:
        typer.echo(f"{shown:,} of {len(neighbours):,} rows; --out FILE.parquet or --json gives all")
