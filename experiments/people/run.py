"""Measure metrics on people's scores of 24 types of distortion × 5 levels, on photographs of your own.

    python experiments/people/run.py --photos ~/photos --scores kadid_dmos_by_type_level.csv \
        --metric l2 --metric ssim --metric untrained --metric lpips --metric out/last.safetensors \
        --trunk-weights alexnet.pth --head-weights lpips_v0.1_alex_lin.pth

Prints the percentage of pairs of cells of different types on one photograph that each metric orders as people's means
do, over all types and within each of four folds of types, with bootstrap intervals over types and photographs, beside
the difference to the first metric; then the types that metric and people judge differently. A metric must never have
been trained on these photographs: `--list FILE` writes their names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from cells import LEVELS, Cell, Scores, cells, held_out, read_scores
from command_line import run_script
from kadid_types import TYPES
from measure import Interval, Pairs, count_pairs, interval, rank_correlation, residuals, same_fold
from numpy.typing import NDArray

from bappsmith.lpips.evaluation.baselines import Metric
from bappsmith.lpips.evaluation.metrics import find_metric


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--scores", type=Path, required=True, help="CSV with name, level, generator_param, mean_dmos")
    parser.add_argument("--photo", action="append", help="path inside --photos; repeatable. Default: a keyed choice")
    parser.add_argument("--count", type=int, default=16, help="photographs of the keyed choice")
    parser.add_argument("--skip", type=int, default=0, help="photographs of the keyed order to leave out before")
    parser.add_argument("--list", type=Path, help="write the photographs' names to this file")
    parser.add_argument("--metric", action="append", required=True, help="as for `bappsmith evaluate`; repeatable")
    parser.add_argument("--net", help="trunk of 'untrained' and 'lpips'; default: alex")
    parser.add_argument("--trunk-weights")
    parser.add_argument("--head-weights", type=Path)
    parser.add_argument("--draws", type=int, default=1000, help="bootstrap samples")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    options = parser.parse_args(arguments)
    metrics = {
        name: find_metric(name, net=options.net, trunk_weights=options.trunk_weights, head_weights=options.head_weights)
        for name in options.metric
    }
    scores = read_scores(options.scores)
    photos = options.photo or held_out(options.photos, options.count, options.skip)
    if options.list:
        options.list.write_text("".join(f"{photo}\n" for photo in photos), encoding="utf-8")
    distances = measure_cells(metrics, options.photos, photos, scores)
    print(table(distances, scores, draws=options.draws, seed=options.seed))
    print()
    print(type_table(distances, scores))


def measure_cells(
    metrics: dict[str, Metric], folder: Path, photos: Sequence[str], scores: Scores
) -> dict[str, NDArray[np.float64]]:
    """Compute every metric's distances; metric → shape (photographs, 24, 5)."""
    columns: dict[str, list[NDArray[np.float64]]] = {name: [] for name in metrics}
    for _, of_type in groupby(cells(folder, photos, scores), key=lambda cell: (cell.photo, cell.type)):
        reference, distorted = _tensors(list(of_type))
        with torch.inference_mode():
            for name, metric in metrics.items():
                columns[name].append(metric(reference, distorted).reshape(-1).double().cpu().numpy())
    return {name: np.reshape(column, (len(photos), len(TYPES), LEVELS)) for name, column in columns.items()}


def table(distances: dict[str, NDArray[np.float64]], scores: Scores, *, draws: int, seed: int) -> str:
    """Write the table of metrics in Markdown; differences are to the first."""
    lines = [
        "| metric | pairs, % | − first | pairs within a fold, % | − first | SROCC |",
        "|---|---|---|---|---|---|",
    ]
    first: list[Pairs] = []
    for name, values in distances.items():
        cells_of_row = [name]
        for column, among in enumerate((None, same_fold())):
            pairs = count_pairs(values, scores.means, among)
            cells_of_row.append(_show(interval(pairs, draws=draws, seed=seed), ".1f"))
            if len(first) > column:
                cells_of_row.append(_show(interval(pairs, first[column], draws=draws, seed=seed), "+.1f"))
            else:
                first.append(pairs)
                cells_of_row.append("")
        cells_of_row.append(f"{rank_correlation(values, scores.means):.3f}")
        lines.append(f"| {' | '.join(cells_of_row)} |")
    return "\n".join(lines)


def type_table(distances: dict[str, NDArray[np.float64]], scores: Scores) -> str:
    """Write by how much each metric minds each type more than people do, in Markdown."""
    columns = [residuals(values, scores.means) for values in distances.values()]
    lines = [f"| metric less people | {' | '.join(distances)} |", f"|---|{'---|' * len(columns)}"]
    lines += [f"| {name} | {' | '.join(f'{column[name]:+.2f}' for column in columns)} |" for name in TYPES]
    return "\n".join(lines)


def _show(value: Interval, form: str) -> str:
    return f"{value.value:{form}} ({value.low:{form}} … {value.high:{form}})"


def _tensors(batch: Sequence[Cell]) -> tuple[torch.Tensor, torch.Tensor]:
    reference, distorted = (
        torch.from_numpy(np.stack([getattr(cell, side) for cell in batch])).permute(0, 3, 1, 2).float() / 127.5 - 1
        for side in ("reference", "distorted")
    )
    return reference, distorted


if __name__ == "__main__":
    run_script(main)
