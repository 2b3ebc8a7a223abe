"""What to ask people about: selection against random at equal votes, with simulated people.

    python experiments/annotation/selection.py --photos ~/photos --trunk-weights alexnet.pth --out selection

Makes 4,000 triplets to choose from and 2,000 of other photographs to test on. People are simulated: they follow a truth
that no selecting metric knows (the judge `scale`, or HaarPSI), with 2 % lapses and 5 votes per triplet. The selecting
metrics are l2, ssim, gmsd and mdsi. Written to --out: `results.json` and `results.md` with

- learning: the 2AFC score of a metric trained on the chosen triplets, against the truth of the test triplets; all
  channels of AlexNet are weighted, as in `annotation.curves`; differences to random are paired by seed;
- scores: what a metric that had no say scores on a selection, as it is and with inverse weights, against all triplets;
- comparing: how exactly the difference of two metrics is known, when only triplets they disagree on are asked about.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from command_line import run_script
from numpy.typing import NDArray
from scipy.stats import t as student

from bappsmith.annotation.curves.features import Features, trunk_features
from bappsmith.annotation.curves.fit_weights import distances, fit_weights, scale_features
from bappsmith.annotation.selection.candidates import Candidates, find_candidates
from bappsmith.annotation.selection.inclusion import systematic_sample
from bappsmith.annotation.selection.leave_one_out import leave_one_out
from bappsmith.annotation.selection.mixture import Mixture
from bappsmith.annotation.selection.select import FLOOR, select, selection_probabilities
from bappsmith.lpips.evaluation.inverse_weights import inverse_weights
from bappsmith.lpips.evaluation.scores import two_afc_scores
from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.judging.named_metric import NamedMetric

METRICS = ("l2", "ssim", "gmsd", "mdsi")
METHODS = ("random", "closeness", "disagreement", "information", "cover", "disagreement=.5,cover=.3,random=.2")
TRUTHS: dict[str, dict[str, Any]] = {
    "scale": {"kind": "observers", "of": {"kind": "scale"}, "votes": 5},
    "haarpsi": {"kind": "observers", "of": {"kind": "metric", "metric": "haarpsi"}, "votes": 5},
}
TRAIN, TEST = "2afc/train/traditional", "2afc/val/traditional"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--triplets", type=int, default=4000)
    parser.add_argument("--budget", type=int, action="append", help="triplets to ask about; default: 100 and 400")
    parser.add_argument("--seeds", type=int, default=12)
    options = parser.parse_args(arguments)
    dataset = make_dataset(options.out / "data", options.photos, options.triplets)
    metrics = [NamedMetric(metric=name) for name in METRICS]
    candidates = find_candidates(dataset, [TRAIN], metrics)
    features = {
        name: trunk_features(dataset.sealed(name), net="alex", trunk_weights=options.trunk_weights, cache=options.out)
        for name in (TRAIN, TEST)
    }
    budgets = options.budget or [100, 400]
    results: dict[str, Any] = {}
    for truth in TRUTHS:
        labels = {name: dataset.sealed(name).labels(truth) for name in (TRAIN, TEST)}
        people, test = labels[TRAIN].shares, labels[TEST].probabilities
        known = labels[TRAIN].probabilities
        if test is None or known is None:
            raise SystemExit(f"labelling {truth} has no probabilities")
        results[truth] = {
            "ceiling": float(np.maximum(test, 1 - test).mean()),
            "learning": learning(candidates, features, known, test, budgets, options.seeds),
            "scores": {
                method: [
                    {name: getattr(row, name) for name in row.__slots__}
                    for row in leave_one_out(candidates, max(budgets), Mixture.parse(method, FLOOR), people)
                ]
                for method in METHODS
            },
            "comparing": comparing(candidates, people, max(budgets)),
        }
        (options.out / "results.json").write_text(json.dumps(results, indent=1))
    (options.out / "results.md").write_text(tables(results, max(budgets)), encoding="utf-8")
    print((options.out / "results.md").read_text(encoding="utf-8"))


def make_dataset(out: Path, photos: Path, triplets: int) -> Dataset:
    """Make the triplets, and a labelling per truth."""
    distort = {"operators": ["set:bapps-traditional"], "length": [1, 2]}
    subsets = [
        {"path": TRAIN, "triplets": triplets, "distort": distort},
        {"path": TEST, "triplets": triplets // 2, "distort": distort},
    ]
    recipe = {"name": "selection", "seed": 16, "sources": {"path": ".", "val_fraction": 0.35}, "subsets": subsets}
    generate(Recipe.from_dict(recipe), out, photos=photos, form="packed")
    for name, judge in TRUTHS.items():
        if name not in Dataset(out).finished.labellings:
            judge_dataset(out, JudgeSpec.model_validate(judge), name)
    return Dataset(out)


def learning(
    candidates: Candidates,
    features: dict[str, Features],
    known: NDArray[np.float64],
    test: NDArray[np.float64],
    budgets: list[int],
    seeds: int,
) -> dict[str, Any]:
    """Train on every selection, and score on the test triplets. Votes are drawn per seed, the same for all methods."""
    scaled = scale_features(np.concatenate([features[TRAIN].values, features[TEST].values]))
    train, other = scaled[: len(known)], scaled[len(known) :]

    def score(weights: NDArray[np.float64]) -> float:
        return float(two_afc_scores(*distances(other, weights), test).mean())

    scores: dict[str, Any] = {"untrained": score(np.ones(train.shape[2]))}
    for budget in budgets:
        by_method: dict[str, list[float]] = {method: [] for method in METHODS}
        for seed in range(seeds):
            votes = np.random.default_rng([seed, 5]).binomial(5, known) / 5
            for method in METHODS:
                chosen = select(candidates, budget, Mixture.parse(method, FLOOR), seed=seed).indices
                weights = fit_weights(train[chosen], votes[chosen], np.full(budget, 5.0), features[TRAIN].groups)
                by_method[method].append(score(weights))
            print(
                budget, seed, {method: round(100 * values[-1], 1) for method, values in by_method.items()}, flush=True
            )
        scores[str(budget)] = {method: summary(values, by_method["random"]) for method, values in by_method.items()}
    return scores


def summary(values: list[float], random: list[float]) -> dict[str, float]:
    """Return the mean, and the paired difference to random with half its 95 % t interval."""
    gaps = np.array(values) - np.array(random)
    reach = float(student.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps)))
    spread = float(np.std(values, ddof=1))
    return {"mean": float(np.mean(values)), "spread": spread, "gap": float(gaps.mean()), "reach": reach}


def comparing(candidates: Candidates, people: NDArray[np.float64], budget: int) -> list[dict[str, Any]]:
    """Return the standard deviation of the estimated difference of two metrics' scores, by selection."""
    rows: list[dict[str, Any]] = []
    for first, second in combinations(range(len(candidates.opinions)), 2):
        one, two = candidates.preferences[:, first], candidates.preferences[:, second]
        zeros = np.zeros_like(one)
        gain = two_afc_scores(one, zeros, people) - two_afc_scores(two, zeros, people)
        pair = candidates
        for name in candidates.opinions:
            if name not in (candidates.opinions[first], candidates.opinions[second]):
                pair = pair.without(name)
        row: dict[str, Any] = {"pair": [candidates.opinions[first], candidates.opinions[second]], "all": gain.mean()}
        for method in ("random", "disagreement", "information"):
            probabilities = selection_probabilities(pair, budget, Mixture.parse(method, FLOOR))
            estimates = []
            for draw in range(300):
                chosen = systematic_sample(probabilities, f"compare/{draw}")
                estimates.append(np.average(gain[chosen], weights=inverse_weights(probabilities[chosen])))
            row[method] = {"mean": float(np.mean(estimates)), "spread": float(np.std(estimates, ddof=1))}
        rows.append(row)
    return rows


def tables(results: dict[str, Any], budget: int) -> str:
    """Write all results as Markdown tables, in %."""
    lines: list[str] = []
    for truth, found in results.items():
        learnt = found["learning"]
        budgets = [key for key in learnt if key != "untrained"]
        ceiling, untrained = 100 * found["ceiling"], 100 * learnt["untrained"]
        lines += [
            f"## People follow {truth}: ceiling {ceiling:.1f}, untrained {untrained:.1f}",
            "",
            "| method | " + " | ".join(f"{key} triplets | minus random" for key in budgets) + " |",
            "|---|" + "---|---|" * len(budgets),
        ]
        for method in METHODS:
            cells = [learnt[key][method] for key in budgets]
            texts = [f"{100 * c['mean']:.1f} | {100 * c['gap']:+.1f} ± {100 * c['reach']:.1f}" for c in cells]
            lines.append(f"| {method} | " + " | ".join(texts) + " |")
        lines += [
            "",
            f"Scores of a metric that had no say, on {budget} triplets: bias as is / corrected (± sd)",
            "",
        ]
        lines += ["| method | " + " | ".join(METRICS) + " |", "|---|" + "---|" * len(METRICS)]
        for method, rows in found["scores"].items():
            texts = [
                f"{100 * (r['plain'] - r['score']):+.1f} / {100 * (r['corrected'] - r['score']):+.1f} "
                f"(± {100 * r['corrected_spread']:.1f})"
                for r in rows
            ]
            lines.append(f"| {method} | " + " | ".join(texts) + " |")
        lines += ["", f"Difference of two metrics from {budget} triplets: standard deviation of the estimate", ""]
        lines += [
            "| pair | all triplets | random | disagreement | votes saved | information |",
            "|---|---|---|---|---|---|",
        ]
        for row in found["comparing"]:
            spread = {m: row[m]["spread"] for m in ("random", "disagreement", "information")}
            lines.append(
                f"| {' – '.join(row['pair'])} | {100 * row['all']:+.1f} | {100 * spread['random']:.2f} | "
                f"{100 * spread['disagreement']:.2f} (bias {100 * (row['disagreement']['mean'] - row['all']):+.2f}) | "
                f"×{(spread['random'] / spread['disagreement']) ** 2:.1f} | {100 * spread['information']:.2f} |"
            )
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    run_script(main)
