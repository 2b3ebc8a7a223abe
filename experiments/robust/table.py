"""The table of natural, certified and attacked 2AFC scores.

    python experiments/robust/table.py --set own/2afc/val/traditional --set people-test/2afc/val/people \
        --metric l2 --metric ssim --metric untrained --metric published --metric bappsmith-alex \
        --metric dct/best.safetensors --trunk-weights alexnet.pth --items 200 --steps 10 --out table

Natural and certified scores are those of all items, attacked scores those of `--items` evenly spaced ones, beside the
natural and certified scores of these. Results are one JSON file per set and metric: run the same command again to go
on. The
photographs of a set are read from its manifest, or from the `photographs.csv` of `human_triplets.py`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from human_triplets import groups_of
from numpy.typing import NDArray

from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.evaluation.baselines import Metric
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.robust.attack import AttackConfig, attack_subset, spaced
from bappsmith.lpips.robust.budget import budgets_of_255
from bappsmith.lpips.robust.certify import certified_scores, certify, lipschitz_metric
from bappsmith.manifests.errors import BappsmithError

BUDGETS = budgets_of_255([36, 72, 108], [1, 4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", required=True, help="2AFC subset; repeatable")
    parser.add_argument("--metric", action="append", required=True, help="as for `bappsmith evaluate`; repeatable")
    parser.add_argument("--trunk-weights")
    parser.add_argument("--items", type=int, default=200, help="items that are attacked; 0: none is")
    parser.add_argument("--steps", type=int, default=10, help="gradient steps of the attack")
    parser.add_argument("--starts", type=int, default=1, help="random starts of the attack")
    parser.add_argument("--moved", choices=("ref", "p0", "p1"), default="ref", help="the image that changes")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    attack = AttackConfig(moved=options.moved, steps=options.steps, starts=options.starts)
    for root in options.set:
        subset = load_subset(root)
        print(f"\n{subset.root}, {len(subset):,} items, {options.items} attacked, changes of {options.moved}\n")
        print("| metric | | no change | " + " | ".join(budget.label for budget in BUDGETS) + " |")
        print("|---|---|---|" + "---|" * len(BUDGETS))
        for name in options.metric:
            file = options.out / f"{_slug(root)}--{_slug(name)}--{options.moved}.json"
            if not file.exists():
                metric = find_metric(name, trunk_weights=options.trunk_weights)
                result = measure(metric, name, subset, groups_of(subset), options.items, attack)
                file.write_text(json.dumps(result, indent=1), encoding="utf-8")
            for kind, scores in json.loads(file.read_text(encoding="utf-8")).items():
                print(
                    f"| {Path(name).parent.name or name} | {kind} | " + " | ".join(map(_cell, scores)) + " |",
                    flush=True,
                )


def measure(
    metric: Metric,
    name: str,
    subset: PackedSubset,
    groups: NDArray[np.intp] | None,
    items: int,
    config: AttackConfig,
) -> dict[str, list[dict[str, Any]]]:
    """Certify all items, if the metric has a Lipschitz constant, and attack some.

    Raises:
        BappsmithError: an attack left less than what is certified, which disproves the certificate.
    """
    result, held = {}, None
    try:
        certified = certify(lipschitz_metric(metric, name), subset)
        scores = certified_scores(certified, subset.labels.numpy(), groups, BUDGETS, config.moved)
        result["certified"] = [score.to_json() for score in scores]
        held = {budget: certified.held(budget, config.moved) for budget in BUDGETS}
    except BappsmithError:
        pass
    if items:
        attacked = attack_subset(metric, spaced(subset, items), BUDGETS, config)
        positions = np.linspace(0, len(subset) - 1, min(items, len(subset))).astype(np.int64)
        for budget, holds in attacked.held.items():
            if held is not None and (held[budget][positions] & ~holds).any():
                raise BappsmithError(f"{name}, {budget.label}: an attack turned a judgment that is certified")
        scores = attacked.scores(None if groups is None else groups[positions])
        result["attacked"] = [score.to_json() for score in scores]
    return result


def _cell(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"{100 * score['score']:.1f} ({100 * low:.0f}–{100 * high:.0f})"


def _slug(path: str) -> str:
    return "-".join(Path(path).parts[-4:]).replace("/", "").replace(".safetensors", "")


if __name__ == "__main__":
    main()
