"""Natural and certified scores of an embedding, over several datasets and weights of the radius.

    python experiments/robust/seeds.py --dataset own-1 --dataset own-2 --people people-dev/2afc/val/people \
        --robustness 0 --robustness 0.03 --robustness 0.1

Trains on 2afc/train/traditional of every dataset, and prints the mean and the standard deviation over datasets of the
scores on its 2afc/val/traditional and on people's triplets (`human_triplets.py`), beside l2. Choose by development
photographs, and look at the test photographs once.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.robust.budget import budgets_of_255
from bappsmith.lpips.robust.certify import certified_scores, certify
from bappsmith.lpips.robust.checkpoint import EMBEDDINGS, make_metric
from bappsmith.lpips.robust.config import DEFAULTS
from bappsmith.lpips.robust.lipschitz_metric import LipschitzMetric, Pixels
from bappsmith.lpips.robust.train import fit

BUDGETS = budgets_of_255([36, 72, 108], [1, 4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", action="append", required=True, help="folder of a dataset; repeatable")
    parser.add_argument("--people", required=True, help="2AFC subset of people's triplets")
    parser.add_argument("--embedding", choices=EMBEDDINGS, default="dct")
    parser.add_argument("--robustness", action="append", type=float, required=True, help="weight; repeatable")
    options = parser.parse_args()
    people = load_subset(options.people)
    own = [load_subset(f"{root}/2afc/val/traditional") for root in options.dataset]
    print("| metric | set | no change | " + " | ".join(budget.label for budget in BUDGETS) + " |")
    print("|---|---|---|" + "---|" * len(BUDGETS))
    print_row("l2", "own val", np.stack([scores(Pixels(), subset) for subset in own]))
    print_row("l2", "people", scores(Pixels(), people)[None])
    for robustness in options.robustness:
        of_own, of_people = [], []
        for seed, (root, subset) in enumerate(zip(options.dataset, own, strict=True)):
            config = replace(DEFAULTS[options.embedding], robustness=robustness, seed=seed)
            torch.manual_seed(seed)
            metric = make_metric(options.embedding)
            fit(metric, config, mix([load_subset(f"{root}/2afc/train/traditional")]))
            of_own.append(scores(metric, subset))
            of_people.append(scores(metric, people))
        print_row(f"{options.embedding} {robustness:g}", "own val", np.stack(of_own))
        print_row(f"{options.embedding} {robustness:g}", "people", np.stack(of_people))


def scores(metric: LipschitzMetric, subset: PackedSubset) -> NDArray[np.float64]:
    """Compute the natural score and the certified ones, %."""
    certified = certified_scores(certify(metric, subset), subset.labels.numpy(), None, BUDGETS)
    return np.array([100 * score.score for score in certified])


def print_row(metric: str, name: str, values: NDArray[np.float64]) -> None:
    cells = (f"{mean:.1f} ± {spread:.1f}" for mean, spread in zip(values.mean(axis=0), values.std(axis=0), strict=True))
    print(f"| {metric} | {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
