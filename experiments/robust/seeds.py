"""Natural and certified scores of an embedding, over several datasets and weights of the radius.

    python experiments/robust/seeds.py --dataset own-1 --dataset own-2 --people people-dev/2afc/val/people \
        --robustness 0 --robustness 0.03 --robustness 0.1 --dev-share 0.25

Trains on 2afc/train/traditional of every dataset, and prints scores on its 2afc/val/traditional and on people's
triplets (`human_triplets.py`): the mean and the standard deviation over datasets, beside l2, and the mean difference
from l2 on the same items. The 95 % interval of a difference resamples photographs, which all datasets share. Choose the
weight by development photographs, and look at the test photographs once: `--dev-share` leaves a share of the training
photographs out of the fit, and scores these in place of own val.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from command_line import run_script
from human_triplets import groups_of

from bappsmith.lpips.data.mixture import mix
from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.evaluation.bootstrap import crossed_bootstrap, interval
from bappsmith.lpips.evaluation.scores import mean_statistic, two_afc_scores
from bappsmith.lpips.robust.budget import budgets_of_255
from bappsmith.lpips.robust.certify import certify
from bappsmith.lpips.robust.checkpoint import EMBEDDINGS, make_metric
from bappsmith.lpips.robust.config import DEFAULTS
from bappsmith.lpips.robust.lipschitz_metric import LipschitzMetric, Pixels
from bappsmith.lpips.robust.train import fit
from bappsmith.manifests.errors import BappsmithError

BUDGETS = budgets_of_255([36, 72, 108], [1, 4])
RESAMPLES = 4000
Array = NDArray[np.float64]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", action="append", required=True, help="folder of a dataset; repeatable")
    parser.add_argument("--people", required=True, help="2AFC subset of people's triplets")
    parser.add_argument("--embedding", choices=EMBEDDINGS, default="dct")
    parser.add_argument("--robustness", action="append", type=float, required=True, help="weight; repeatable")
    parser.add_argument(
        "--dev-share", type=float, help="score this share of the training photographs; default: own val"
    )
    options = parser.parse_args(arguments)
    people = load_subset(options.people)
    people_photos = groups_of(people)
    if people_photos is None:
        raise BappsmithError(f"{people.root} has no photographs.csv; make it with human_triplets.py")
    training = [load_subset(f"{root}/2afc/train/traditional") for root in options.dataset]
    if options.dev_share is None:
        own = [load_subset(f"{root}/2afc/val/traditional") for root in options.dataset]
    else:
        parts = [leave_out(subset, options.dev_share, seed) for seed, subset in enumerate(training)]
        training, own = [fitted for fitted, _ in parts], [scored for _, scored in parts]
    own_name = "own val" if options.dev_share is None else "own dev"
    sets = {own_name: own, "people": [people] * len(own)}
    own_photos = np.concatenate([photo_names(subset) for subset in own])
    photos = {own_name: own_photos, "people": np.tile(people_photos, len(own))}
    print("| metric | set | no change | " + " | ".join(budget.label for budget in BUDGETS) + " |")
    print("|---|---|---|" + "---|" * len(BUDGETS))
    of_l2 = {name: [score_items(Pixels(), subset) for subset in subsets] for name, subsets in sets.items()}
    for name, scores in of_l2.items():
        print_scores("l2", name, scores)
    for robustness in options.robustness:
        metrics = [train(options.embedding, robustness, seed, subset) for seed, subset in enumerate(training)]
        label = f"{options.embedding} {robustness:g}"
        for name, subsets in sets.items():
            scores = [score_items(metric, subset) for metric, subset in zip(metrics, subsets, strict=True)]
            print_scores(label, name, scores)
            print_differences(f"{label} − l2", name, np.concatenate(scores) - np.concatenate(of_l2[name]), photos[name])


def photo_names(subset: PackedSubset) -> NDArray[np.str_]:
    """Read the names of the photographs of all items from the manifest.

    Raises:
        BappsmithError: the subset has no manifest.
    """
    if subset.sealed is None:
        raise BappsmithError(f"{subset.root}: the photographs of its items are not known; give a dataset of bappsmith")
    columns = subset.sealed.columns("index", "photo")
    name_of = {f"{index:06d}": name for index, name in zip(columns["index"], columns["photo"], strict=True)}
    return np.array([name_of[stem] for stem in subset.stems])


def leave_out(subset: PackedSubset, share: float, seed: int) -> tuple[PackedSubset, PackedSubset]:
    """Divide a subset by photographs: what to fit, and a share of the photographs to score.

    Raises:
        BappsmithError: a part has no photograph, or the subset has no manifest.
    """
    names = photo_names(subset)
    photos = np.unique(names)
    count = int(share * len(photos))
    if not 0 < count < len(photos):
        raise BappsmithError(
            f"--dev-share {share:g} of {len(photos)} photographs leaves out {count}; leave out 1 to {len(photos) - 1}"
        )
    scored = np.isin(names, np.random.default_rng(seed).permutation(photos)[:count])
    return subset.take(np.flatnonzero(~scored)), subset.take(np.flatnonzero(scored))


def train(embedding: str, robustness: float, seed: int, subset: PackedSubset) -> LipschitzMetric:
    """Train an embedding on a subset."""
    torch.manual_seed(seed)
    metric = make_metric(embedding)
    fit(metric, replace(DEFAULTS[embedding], robustness=robustness, seed=seed), mix([subset]))
    return metric


def score_items(metric: LipschitzMetric, subset: PackedSubset) -> Array:
    """Compute the natural score of every item and the certified ones, %, shape (N, 1 + budgets)."""
    certified = certify(metric, subset)
    agreement = two_afc_scores(*certified.distances.T[:2], subset.labels.numpy())
    turned = np.minimum(agreement, 1 - agreement)
    left = [np.where(certified.held(budget), agreement, turned) for budget in BUDGETS]
    return 100 * np.stack([agreement, *left], axis=1)


def print_scores(metric: str, name: str, scores: Sequence[Array]) -> None:
    """Print the mean and the standard deviation over datasets."""
    means = np.stack([items.mean(axis=0) for items in scores])
    cells = (f"{mean:.1f} ± {spread:.1f}" for mean, spread in zip(means.mean(axis=0), means.std(axis=0), strict=True))
    print(f"| {metric} | {name} | " + " | ".join(cells) + " |", flush=True)


def print_differences(metric: str, name: str, differences: Array, photos: NDArray[np.generic]) -> None:
    """Print the mean over items, with its interval."""
    ends = interval_over_photographs(differences, photos)
    means = differences.mean(axis=0)
    cells = (f"{mean:+.1f} ({low:+.1f} … {high:+.1f})" for mean, (low, high) in zip(means, ends, strict=True))
    print(f"| {metric} | {name} | " + " | ".join(cells) + " |", flush=True)


def interval_over_photographs(values: Array, photos: NDArray[np.generic]) -> list[tuple[float, float]]:
    """Compute the 95 % interval of each column's mean: photographs are resampled with all their items."""
    numbers = np.unique(photos, return_inverse=True)[1]
    statistics = {column: mean_statistic(values[:, column]) for column in range(values.shape[1])}
    drawn = crossed_bootstrap([numbers], statistics, resamples=RESAMPLES)
    ends = [interval(drawn[column]) for column in statistics]
    return [(one.low, one.high) for one in ends]


if __name__ == "__main__":
    run_script(main)
