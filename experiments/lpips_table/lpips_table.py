"""Table 5 of Zhang et al. 2018, measured by this library: 2AFC scores by subset, with the published figure beside each.

    python experiments/lpips_table/lpips_table.py --data ~/bapps/dataset --weights alex=alexnet.pth \
        --weights squeeze=squeezenet1_1.pth --weights vgg=pretrained --out table5

`--data` is the folder of the original BAPPS, with 2afc/val/traditional and so on. Enlarged files are reduced as the
reference code does, because the published figures were measured so; `--reduction exact` takes the true pixels. Without
`--data`, a small dataset in the same layout is made of `--photos` and `--bank` first: recipe bapps-val, `--share` of
its size. Its judgments are those of judges, not of people: published figures then only show what to expect of people.
Heads are those of the installed package lpips. `--metric` adds rows, such as bappsmith-alex or a checkpoint. Run again,
it goes on where it stopped. Written to --out: a JSON file per row in `rows`, and `lpips_table.md`.

`--judgments` scores people and one metric without the images: a folder with a CSV file per subset, whose rows have
path, d0, d1, a score, and the share of people that chose p1, as the results of ShiftTolerant-LPIPS do. Written to
--out: `judgments.md`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from command_line import read_weights, run_script
from saved_settings import content_of, keep_settings

from bappsmith.lpips import evaluate, find_metric, human_scores, load_subset, two_afc_scores
from bappsmith.lpips.evaluation.baselines import Metric
from bappsmith.lpips.evaluation.bootstrap import bootstrap, interval
from bappsmith.lpips.evaluation.evaluation import HUMAN, MACRO
from bappsmith.lpips.evaluation.scores import mean_statistic
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.human_score import human_score
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

SUBSETS = ("traditional", "cnn", "superres", "deblur", "color", "frameinterp")
PUBLISHED = {
    "human": (80.8, 84.4, 73.4, 67.1, 68.8, 68.6, 73.9),
    "L2": (59.9, 77.8, 64.7, 58.2, 63.5, 55.0, 63.2),
    "SSIM": (60.3, 79.1, 65.1, 58.6, 58.1, 57.7, 63.1),
    "FSIMc": (61.4, 78.6, 68.1, 59.5, 57.3, 57.7, 63.8),
    "AlexNet, random": (60.5, 80.7, 64.9, 59.5, 62.8, 57.2, 64.3),
    "SqueezeNet": (73.3, 82.6, 70.1, 60.1, 63.6, 62.0, 68.6),
    "SqueezeNet, lin": (76.1, 83.5, 71.1, 60.8, 65.3, 63.2, 70.0),
    "AlexNet": (70.6, 83.1, 71.7, 60.7, 65.0, 62.7, 68.9),
    "AlexNet, lin": (73.9, 83.4, 71.5, 61.2, 65.3, 63.2, 69.8),
    "VGG16": (70.1, 81.3, 69.0, 59.0, 60.2, 62.1, 67.0),
    "VGG16, lin": (76.0, 82.8, 70.5, 60.5, 62.5, 63.0, 69.2),
}
"""Row → scores of `SUBSETS` and their unweighted mean, % (Zhang et al. 2018, Table 5)."""
VOTES = 5
"""Of every triplet of BAPPS' validation."""
NETS = {"SqueezeNet": "squeeze", "AlexNet": "alex", "VGG16": "vgg"}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder that holds 2afc/val; default: one is made")
    parser.add_argument("--photos", help="for a dataset of your own")
    parser.add_argument("--bank", action="append", default=[], help="banks of networks for it; repeatable")
    parser.add_argument("--share", type=float, default=0.02, help="of the published number of triplets")
    parser.add_argument("--weights", action="append", default=[], metavar="NET=FILE", help="or NET=pretrained")
    parser.add_argument("--metric", action="append", default=[], help="another row; repeatable")
    parser.add_argument("--reduction", choices=["reference", "exact"], default="reference")
    parser.add_argument("--cache", type=Path, help="for packed subsets; default: beside the dataset")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--judgments", type=Path, help="folder of CSV files; no other table is made then")
    options = parser.parse_args(arguments)
    given = read_weights(options.weights, list(NETS.values()))
    options.out.mkdir(parents=True, exist_ok=True)
    if options.judgments:
        text = judgment_table(options.judgments)
        (options.out / "judgments.md").write_text(text, encoding="utf-8")
        print(text)
        return
    data = options.data or make_dataset(options)
    folders = [data / "2afc/val" / name for name in SUBSETS if (data / "2afc/val" / name).exists()]
    if not folders:
        raise BappsmithError(f"{data} holds none of 2afc/val/{', '.join(SUBSETS)}; give the folder above 2afc")
    subsets = [load_subset(folder, cache=options.cache, reduction=options.reduction) for folder in folders]
    settings = {"data": " ".join(subset.content[:8] for subset in subsets), "reduction": options.reduction}
    settings |= {net: content_of(file) for net, file in given.items()}
    for name in options.metric:
        settings[name] = f"{content_of(name)}, trunk {content_of(trunk_of(name, given) or 'pretrained')}"
    keep_settings(options.out / "rows", settings)
    for name, make in rows(options.metric, given).items():
        file = options.out / "rows" / f"{name.replace('/', '-')}.json"
        if not file.exists():
            started = time.monotonic()
            found = evaluate(subsets, {name: make()})
            scores = {
                who: {
                    (score.subset.split("/")[-1] if score.subset != MACRO else "all"): [
                        score.score,
                        score.low,
                        score.high,
                    ]
                    for score in found.scores
                    if score.metric == metric
                }
                for who, metric in ((name, name), ("human", HUMAN))
            }
            file.write_text(json.dumps({"scores": scores, "seconds": time.monotonic() - started}), encoding="utf-8")
            print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    text = table(options.out / "rows", list(rows(options.metric, given)), [folder.name for folder in folders])
    (options.out / "lpips_table.md").write_text(text, encoding="utf-8")
    print(text)


def rows(metrics: Sequence[str], given: dict[str, str]) -> dict[str, Callable[[], Metric]]:
    """Return row → function that makes its metric, in the order of Table 5; rows without weights are left out.

    Args:
        metrics: names of further rows.
        given: net → file of weights.
    """
    made: dict[str, Callable[[], Metric]] = {
        "L2": lambda: find_metric("l2"),
        "SSIM": lambda: find_metric("ssim"),
        "FSIMc": lambda: find_metric("fsim"),
        "AlexNet, random": lambda: find_metric("random", net="alex"),
    }
    for row, net in NETS.items():
        if net in given:
            made[row] = lambda net=net: find_metric("untrained", net=net, trunk_weights=given[net])
            made[f"{row}, lin"] = lambda net=net: find_metric("published", net=net, trunk_weights=given[net])
    for name in metrics:
        made[name] = lambda name=name: find_metric(name, trunk_weights=trunk_of(name, given))
    return made


def trunk_of(metric: str, given: dict[str, str]) -> str | None:
    """Return the weights of the net that a metric's name has in it; default: those of AlexNet, if they are given."""
    return given.get(next((net for net in given if net in metric), "alex"))


def make_dataset(options: argparse.Namespace) -> Path:
    """Make the six subsets of recipe bapps-val, smaller."""
    if not options.photos or not options.bank:
        raise BappsmithError("give the original folders with --data, or --photos and --bank for a dataset of your own")
    recipe = Recipe.load("bapps-val").to_dict()
    for subset in recipe["subsets"]:
        subset["triplets"] = max(1, round(options.share * subset["triplets"]))
    data = options.out / "data"
    generate(Recipe.from_dict(recipe), data, photos=options.photos, plugins=options.bank)
    return data


def judgment_table(folder: Path) -> str:
    """Score people and one metric on the judgments of `folder`. People have no ids there, so items are resampled."""
    files = [folder / f"{name}.csv" for name in SUBSETS]
    missing = [path.name for path in files if not path.exists()]
    if missing:
        raise BappsmithError(f"{folder}: no {', '.join(missing)}; give a folder with a CSV file for each subset")
    rows: dict[str, list[str]] = {"human, g² + (1 − g)²": [], "human, unbiased": [], "AlexNet, retrained": []}
    values: dict[str, list[float]] = {name: [] for name in rows}
    for path in files:
        with path.open(newline="", encoding="utf-8") as file:
            columns = np.array([[float(cell) for cell in (row[1], row[2], row[4])] for row in csv.reader(file)]).T
        d0, d1, judge = columns
        unbiased = human_score(judge, np.full(len(judge), VOTES, np.int32))
        scores = (human_scores(judge), unbiased, two_afc_scores(d0, d1, judge))
        drawn = bootstrap(len(judge), dict(zip(rows, map(mean_statistic, scores), strict=True)))
        for name, of_items in zip(rows, scores, strict=True):
            ends = interval(drawn[name])
            values[name].append(100 * float(of_items.mean()))
            rows[name].append(f"{values[name][-1]:.1f} ({100 * ends.low:.1f}–{100 * ends.high:.1f})")
    lines = [f"| people's judgments | {' | '.join(SUBSETS)} | all |", f"|---|{'---|' * 7}"]
    lines += [f"| {name} | {' | '.join(cells)} | {np.mean(values[name]):.1f} |" for name, cells in rows.items()]
    for name in ("human", "AlexNet", "AlexNet, lin"):
        lines.append(f"| published: {name} | {' | '.join(map(str, PUBLISHED[name]))} |")
    return "\n".join(lines) + "\n"


def table(folder: Path, names: list[str], subsets: list[str]) -> str:
    """Write the rows that were measured: score (interval) and the published figure, %."""
    columns = [*subsets, *(["all"] if len(subsets) > 1 else [])]
    lines = [
        "Measured 2AFC score, % (95 % interval) · published (people's judgments of BAPPS)",
        "",
        f"| metric | {' | '.join(columns)} |",
        f"|---|{'---|' * len(columns)}",
    ]
    seconds = 0.0
    human: dict[str, list[float]] = {}
    measured: dict[str, dict[str, list[float]]] = {}
    for name in names:
        found: dict[str, Any] = json.loads((folder / f"{name.replace('/', '-')}.json").read_text())
        measured[name], human = found["scores"][name], found["scores"]["human"]
        seconds += found["seconds"]
    places = [*SUBSETS, "all"]
    for name, scores in (({"human": human} if human else {}) | measured).items():
        theirs = dict(zip(places, PUBLISHED.get(name, ()), strict=False))
        if len(subsets) < len(SUBSETS):
            theirs.pop("all", None)  # a mean of other subsets
        cells = [
            (f"{100 * scores[c][0]:.1f} ({100 * scores[c][1]:.1f}–{100 * scores[c][2]:.1f})" if c in scores else "–")
            + (f" · {theirs[c]}" if c in theirs else "")
            for c in columns
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"Measured in {seconds:.0f} s."]) + "\n"


if __name__ == "__main__":
    run_script(main)
