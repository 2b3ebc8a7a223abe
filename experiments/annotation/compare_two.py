"""Compare two metrics by votes: ask about random triplets, or only where the two metrics disagree.

    python experiments/annotation/compare_two.py --photos ~/photos --trunk-weights alexnet.pth --out selection

Where both metrics take the same side, a vote moves both scores alike and says nothing about their difference. So the
difference of the scores is q · (mean difference where they disagree), and q, the share of triplets on which they
disagree, is known without votes. Uses the dataset and the simulated people of `selection.py` (made if missing). For
each pair of metrics and each truth, the difference is estimated from `--budget` triplets with one vote each, 2,000
times, in both ways. The ratio of the variances says how many times as many votes random triplets need for the same
standard error. If a vote tells little (a side is taken with a probability near 1/2), it is about 1 / q. Written to
--out: `compare_two.json` and `compare_two.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from command_line import run_script
from saved_settings import content_of, keep_settings
from selection import TRAIN, TRUTHS, make_dataset

from bappsmith.lpips import find_metric, load_subset
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.manifests.errors import BappsmithError

METRICS = ("l2", "ssim", "gmsd", "mdsi", "haarpsi", "untrained", "published", "bappsmith-alex")
DRAWS = 2000

Array = NDArray[np.float64]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--metric", action="append", help=f"as for `bappsmith evaluate`; default: {', '.join(METRICS)}")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--triplets", type=int, default=4000)
    parser.add_argument("--budget", type=int, default=400, help="triplets to ask about, one vote each")
    options = parser.parse_args(arguments)
    metrics = list(dict.fromkeys(options.metric or METRICS))
    if len(metrics) < 2:
        raise BappsmithError(f"--metric {metrics[0]}: one metric has none to be compared with; give two or more")
    dataset = make_dataset(options.out / "data", options.photos, options.triplets)
    subset = load_subset(dataset.sealed(TRAIN))
    settings = {"data": subset.content[:16], "trunk weights": content_of(options.trunk_weights)}
    keep_settings(options.out / "sides", settings | {name: content_of(name) for name in metrics})
    sides: dict[str, Array] = {}
    for name in metrics:
        file = options.out / "sides" / f"{name.replace('/', '-')}.npy"
        if not file.exists():
            d0, d1 = distances(find_metric(name, trunk_weights=options.trunk_weights), subset)
            np.save(file, np.sign(d0.astype(np.float64) - d1))
        sides[name] = np.load(file)
    rows: list[dict[str, Any]] = []
    for truth in TRUTHS:
        probabilities = dataset.sealed(TRAIN).labels(truth).probabilities
        if probabilities is None:
            raise SystemExit(f"labelling {truth} has no probabilities")
        rows += [
            {"truth": truth, "pair": [one, other], **compare(sides[one], sides[other], probabilities, options.budget)}
            for one, other in combinations(sides, 2)
            if truth not in (one, other)
        ]
    (options.out / "compare_two.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    (options.out / "compare_two.md").write_text(table(rows, options.budget), encoding="utf-8")
    print((options.out / "compare_two.md").read_text(encoding="utf-8"))


def compare(one: Array, other: Array, probabilities: Array, budget: int) -> dict[str, float]:
    """Estimate the difference of two metrics' scores in both ways, with fresh votes in each draw.

    Args:
        one: side that the first metric takes, -1 for p0, 1 for p1, 0 for neither, shape (N,).
        other: of the second metric.
        probabilities: of a vote for p1, shape (N,).
        budget: triplets to ask about, one vote each.
    """
    differ = np.flatnonzero(one != other)
    share = len(differ) / len(one)
    rng = np.random.default_rng(0)

    def gain(items: NDArray[np.intp]) -> Array:
        votes = np.where(rng.random(items.shape) < probabilities[items], 1.0, -1.0)
        return (one[items] - other[items]) * votes / 2

    at_random = gain(rng.integers(len(one), size=(DRAWS, budget))).mean(axis=1)
    where_differ = share * gain(differ[rng.integers(len(differ), size=(DRAWS, budget))]).mean(axis=1)
    resamples = rng.integers(DRAWS, size=(200, DRAWS))
    ratios = [(at_random[k].std() / where_differ[k].std()) ** 2 for k in resamples]
    low, high = np.quantile(ratios, (0.025, 0.975))
    return {
        "difference": float(((one - other) * (2 * probabilities - 1) / 2).mean()),
        "disagree": share,
        "random": float(at_random.std(ddof=1)),
        "where_differ": float(where_differ.std(ddof=1)),
        "bias": float(where_differ.mean() - ((one - other) * (2 * probabilities - 1) / 2).mean()),
        "ratio": float((at_random.std() / where_differ.std()) ** 2),
        "low": float(low),
        "high": float(high),
    }


def table(rows: list[dict[str, Any]], budget: int) -> str:
    """Write the rows as a Markdown table, scores in points."""
    lines = [
        f"Standard error of the difference of two scores from {budget} votes, points",
        "",
        "| truth | pair | true difference | disagree, % | random | where they disagree | bias | votes saved |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['truth']} | {' – '.join(row['pair'])} | {100 * row['difference']:+.1f} | "
            f"{100 * row['disagree']:.0f} | "
            f"{100 * row['random']:.2f} | {100 * row['where_differ']:.2f} | {100 * row['bias']:+.2f} | "
            f"×{row['ratio']:.1f} ({row['low']:.1f}–{row['high']:.1f}) |"
        )
    ratios = np.array([row["ratio"] for row in rows])
    lines += [
        "",
        f"Votes saved: median ×{np.median(ratios):.1f}, from ×{ratios.min():.1f} to ×{ratios.max():.1f} over "
        f"{len(rows)} rows; × share of disagreement: {np.mean([row['ratio'] * row['disagree'] for row in rows]):.2f} "
        "in the mean (1 if it is 1 / q).",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    run_script(main)
