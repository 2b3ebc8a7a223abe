"""The table of natural, certified and attacked 2AFC scores.

    python experiments/robust/table.py --set own/2afc/val/traditional --set people-test/2afc/val/people \
        --metric l2 --metric ssim --metric untrained --metric published --metric bappsmith-alex \
        --metric dct/best.safetensors --trunk-weights alexnet.pth --moved ref --moved p0 --moved p1 \
        --steps 100 --starts 5 --out table.jsonl

Certified scores are those of all items, attacked scores those of `--items` evenly spaced ones. The file has one line
per changed image, set and metric: run the same command again to go on. A set, a checkpoint or a trunk with other
content is measured again. A GPU is used if there is one. The photographs of a set are read from its manifest, or from
the `photographs.csv` of `human_triplets.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from command_line import run_script
from human_triplets import groups_of
from saved_settings import content_of

from bappsmith.lpips.data.subset import PackedSubset, load_subset
from bappsmith.lpips.evaluation.baselines import Metric
from bappsmith.lpips.evaluation.metrics import find_metric
from bappsmith.lpips.robust.attack import AttackConfig, attack_subset, spaced
from bappsmith.lpips.robust.budget import budgets_of_255
from bappsmith.lpips.robust.certify import certified_scores, certify, lipschitz_metric
from bappsmith.manifests.errors import BappsmithError

BUDGETS = budgets_of_255([36, 72, 108], [1, 4])
MOVED: tuple[Literal["ref", "p0", "p1"], ...] = ("ref", "p0", "p1")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", required=True, help="2AFC subset; repeatable")
    parser.add_argument("--metric", action="append", required=True, help="as for `bappsmith evaluate`; repeatable")
    parser.add_argument("--trunk-weights")
    parser.add_argument("--items", type=int, default=0, help="items that are attacked; 0: all")
    parser.add_argument("--steps", type=int, default=20, help="gradient steps of the attack")
    parser.add_argument("--starts", type=int, default=1, help="random starts of the attack")
    parser.add_argument("--batch", type=int, default=50, help="triplets at a time")
    parser.add_argument(
        "--moved", action="append", choices=MOVED, help="the image that changes, default: each; repeatable"
    )
    parser.add_argument("--out", type=Path, required=True, help="file of results, one JSON object per line")
    options = parser.parse_args(arguments)
    trunk = content_of(options.trunk_weights or "pretrained")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    cells = read_cells(options.out)
    for moved in MOVED:
        if moved not in (options.moved or MOVED):
            continue
        attack = AttackConfig(moved=moved, steps=options.steps, starts=options.starts, batch=options.batch)
        for root in options.set:
            subset = load_subset(root)
            print(f"\n{subset.root}, {len(subset):,} items, changes of {moved}\n")
            print("| metric | | no change | " + " | ".join(budget.label for budget in BUDGETS) + " |")
            print("|---|---|---|" + "---|" * len(BUDGETS))
            for name in options.metric:
                cell = {"set": root, "metric": name, "moved": moved, "items": options.items}
                cell |= {"steps": options.steps, "starts": options.starts}
                cell |= {"data": subset.content[:16], "weights": content_of(name), "trunk_weights": trunk}
                key = json.dumps(cell)
                if key not in cells:
                    began = time.monotonic()
                    metric = find_metric(name, trunk_weights=options.trunk_weights)
                    cells[key] = measure(metric, name, subset, groups_of(subset), options.items, attack)
                    seconds = round(time.monotonic() - began, 2)
                    with options.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps({"cell": cell, "seconds": seconds, "scores": cells[key]}) + "\n")
                for kind, scores in cells[key].items():
                    row = " | ".join(map(_cell, scores))
                    print(f"| {Path(name).parent.name or name} | {kind} | {row} |", flush=True)


def read_cells(file: Path) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Read finished cells: its description as JSON → its scores. Remove a last line that a kill cut short."""
    if not file.exists():
        return {}
    text = file.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole, encoding="utf-8")
    return {json.dumps(line["cell"]): line["scores"] for line in map(json.loads, whole.splitlines())}


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
        embedding = lipschitz_metric(metric, name)
    except BappsmithError:  # it has no constant, and only attacked scores
        embedding = None
    if embedding is not None:
        certified = certify(embedding, subset)
        scores = certified_scores(certified, subset.labels.numpy(), groups, BUDGETS, config.moved)
        result["certified"] = [score.to_json() for score in scores]
        held = {budget: certified.held(budget, config.moved) for budget in BUDGETS}
    attacked = attack_subset(metric, spaced(subset, items), BUDGETS, config)
    positions = np.linspace(0, len(subset) - 1, len(attacked.agreement)).astype(np.int64)
    for budget, holds in attacked.held.items():
        if held is not None and (held[budget][positions] & ~holds).any():
            raise BappsmithError(f"{name}, {budget.label}: an attack turned a judgment that is certified")
    scores = attacked.scores(None if groups is None else groups[positions])
    result["attacked"] = [score.to_json() for score in scores]
    return result


def _cell(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"{100 * score['score']:.1f} ({100 * low:.0f}–{100 * high:.0f})"


if __name__ == "__main__":
    run_script(main)
