"""Fit how the damages of two operators in a chain add up: d = (d0^power + d1^power)^(1/power), the rule of judge scale.

    python experiments/people/fit_chains.py --photos ~/photos --trunk-weights alexnet.pth

Patches of 64 px are distorted by one operator, by another, and by both; the yardstick of docs/calibration.md measures
the three damages. Operators that move the picture are left out, because it measures them in another way.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from command_line import run_script

from bappsmith.distortions.compose import apply_chains
from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operators
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.calibration.views import photograph_views
from bappsmith.pipeline.calibration.yardstick import people_yardstick
from bappsmith.pipeline.sources.index import index_sources

POWERS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
SIDE, BATCH = 64, 100


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", required=True)
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--chains", type=int, default=2000)
    parser.add_argument("--patches", type=int, default=100)
    options = parser.parse_args(arguments)
    yardstick = people_yardstick(options.trunk_weights)
    views = photograph_views(index_sources(Sources(path=options.photos)), options.patches, SIDE)
    usable = [op for op in operators().values() if op.curve and op.curve.damage and "displacement" not in op.tags]
    draws = Draws(0)
    damages: list[np.ndarray] = []
    for start in range(0, options.chains, BATCH):
        references, distorted = [], []
        for number in range(start, min(start + BATCH, options.chains)):
            view, first = views[number % len(views)], draws.choice(usable)
            second = draws.choice([op for op in usable if op is not first])
            calls = [
                op.call(draws.uniform(0.05, 1.0), Draws(k + 1, number), SIDE) for k, op in enumerate((first, second))
            ]
            chains = [Chain((calls[0],)), Chain((calls[1],)), Chain(tuple(calls))]
            references += [view.centre] * 3
            distorted += apply_chains([view] * 3, chains)
        damages.append(yardstick.distances(references, distorted).reshape(-1, 3))
    one, two, both = np.concatenate(damages).T
    print("| power | mean error | mean absolute error |\n|---|---|---|")
    for power in POWERS:
        error = (one**power + two**power) ** (1 / power) - both
        print(f"| {power:g} | {error.mean():+.3f} | {abs(error).mean():.3f} |")
    error = np.maximum(one, two) - both
    print(f"| larger alone | {error.mean():+.3f} | {abs(error).mean():.3f} |")


if __name__ == "__main__":
    run_script(main)
