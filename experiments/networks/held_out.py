"""Measure how training with networks helps on networks and photographs that were not in training.

    python experiments/networks/held_out.py --photos ~/photos --bank bank --held-out other-bank \
        --trunk-weights alexnet.pth --out held-out

Two metrics of as many triplets: one learns from traditional distortions alone, one from traditional ones, networks of
--bank, and mixtures of both. Both are scored on photographs that neither has seen: on traditional distortions, on
networks of --bank, and on networks and mixtures of --held-out (`bappsmith bank train --seed 1`), which neither has seen
either. Written to --out: the datasets, both metrics, `MODE.md` with the table, and `MODE.html`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from command_line import run_script

from bappsmith.lpips import TrainConfig, evaluate, find_metric, train
from bappsmith.lpips.evaluation.report import write_report
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

TRAINED = {"traditional": ("traditional-all",), "all three": ("traditional", "cnn", "mix")}
SCORED = ("traditional", "cnn", "cnn-held-out", "mix-held-out")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--bank", required=True)
    parser.add_argument("--held-out", required=True, help="another bank")
    parser.add_argument("--trunk-weights", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--triplets", type=int, default=18000, help="in training; a tenth of it in every val subset")
    parser.add_argument("--mode", choices=["lin", "tune"], default="lin")
    parser.add_argument("--epochs", type=int, default=5, help="at the full rate, and as many after these")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    val_triplets = max(1, options.triplets // 10)
    distort = {name: of_recipe(name) for name in ("traditional", "cnn", "mix")}
    # Seen and held-out networks go into datasets of their own: the recipe's operators are those of the bank given.
    wanted = {
        "seen": {
            "train/traditional-all": ("traditional", options.triplets),
            **{f"train/{name}": (name, options.triplets // 3) for name in distort},
            "val/traditional": ("traditional", val_triplets),
            "val/cnn": ("cnn", val_triplets),
        },
        "held-out": {"val/cnn-held-out": ("cnn", val_triplets), "val/mix-held-out": ("mix", val_triplets)},
    }
    roots: dict[str, Path] = {}
    for folder, bank in (("seen", options.bank), ("held-out", options.held_out)):
        subsets = [
            {"path": f"2afc/{subset}", "triplets": count, "distort": distort[name]}
            for subset, (name, count) in wanted[folder].items()
        ]
        # The same division of photographs as in bapps-cnn, and so in the banks.
        recipe = {"name": folder, "seed": 2018, "sources": {"val_fraction": 0.2}, "subsets": subsets}
        where = options.out / folder
        generate(Recipe.from_dict(recipe), where, photos=options.photos, plugins=[bank], workers=options.workers)
        roots |= {subset: where / "2afc" / subset for subset in wanted[folder]}
    metrics = {
        "l2": find_metric("l2"),
        "ssim": find_metric("ssim"),
        "untrained": find_metric("untrained", trunk_weights=options.trunk_weights),
    }
    for name, parts in TRAINED.items():
        config = TrainConfig(
            mode=options.mode,
            trunk_weights=options.trunk_weights,
            epochs=options.epochs,
            decay_epochs=options.epochs,
            learning_rate=1e-4,
            trunk_learning_rate=None if options.mode == "lin" else 1e-4,
            seed=options.seed,
        )
        out = options.out / f"{options.mode}-{parts[0]}"
        # The last epoch is scored: val does not choose one.
        train(config, [roots[f"train/{part}"] for part in parts], [roots["val/traditional"]], out=out)
        metrics[f"{options.mode}, {name}"] = find_metric(str(out / "last.safetensors"))
    evaluation = evaluate([roots[f"val/{name}"] for name in SCORED], metrics)
    write_report(options.out / f"{options.mode}.html", evaluation, title="Held-out networks and photographs", notes=[])
    cells = {
        (s.metric, s.subset): f"{100 * s.score:.1f} ({100 * s.low:.1f}–{100 * s.high:.1f})" for s in evaluation.scores
    }
    lines = [f"| metric | {' | '.join(SCORED)} |", f"|---|{'---|' * len(SCORED)}"]
    lines += [
        f"| {metric} | {' | '.join(cells[metric, f'2afc/val/{name}'] for name in SCORED)} |" for metric in metrics
    ]
    print("\n".join(lines))
    (options.out / f"{options.mode}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def of_recipe(name: str) -> dict[str, Any]:
    """Return the rules `distort` of a subset of the recipe bapps."""
    subsets = Recipe.load("bapps").to_dict()["subsets"]
    return next(subset["distort"] for subset in subsets if subset["path"] == f"2afc/train/{name}")


if __name__ == "__main__":
    run_script(main)
