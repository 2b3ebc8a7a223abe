"""Compare parts of a perceptual metric: backbone × its weights × distance of features.

    python experiments/poster/poster.py --photos ~/photos --weights alex=alexnet.pth --weights squeeze=squeezenet.pth \
        --weights vgg=pretrained --scores kadid_dmos_by_type_level.csv --out poster

Backbones are cut early: VGG16 after two convolutional layers, AlexNet after four, SqueezeNet after four Fire modules.
Each is taken pretrained and random, and compared by cosine distance, by LPIPS heads, and by LPIPS heads with a small
fully connected one. Trunks stay fixed. Every seed has its own random trunk and its own training. Scores are those of a
test set of photographs that neither training nor val has seen, and, with --scores, of people (see
`experiments/people`). Run again, it goes on where it stopped. Written to --out: both datasets, `distances` of every
metric, `poster.json`, `poster.md` with all tables, and `poster.png` with curves over the epochs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "people"))

from cells import Scores, cells, held_out, read_scores
from command_line import read_weights, run_script
from kadid_types import TYPES
from measure import count_pairs
from measure import interval as people_interval
from photographs import divide
from saved_settings import content_of, keep_settings

from bappsmith.lpips import LPIPS, PackedSubset, TrainConfig, load_metric, load_subset, train, two_afc_scores
from bappsmith.lpips.evaluation.bootstrap import bootstrap, interval
from bappsmith.lpips.evaluation.origin import read_origin
from bappsmith.lpips.evaluation.scores import mean_statistic
from bappsmith.lpips.model.forms import split
from bappsmith.lpips.training.differences import differences
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

Array = NDArray[np.float64]
BACKBONES = {
    "AlexNet, 4 layers": ("alex", ("features.1", "features.4", "features.7", "features.9")),
    "SqueezeNet, 4 Fire modules": ("squeeze", ("features.1", "features.3", "features.4", "features.6", "features.7")),
    "VGG16, 2 layers": ("vgg", ("features.1", "features.3")),
}
KINDS = ("pretrained", "random")
DISTANCES = {"cosine": "cosine", "lpips": "LPIPS", "fc": "LPIPS + fully connected"}
PEOPLE = 32
"""Photographs of the keyed order of `experiments/people` that no training of this repository sees."""


class Row(NamedTuple):
    """A cell of the table: name of the backbone, kind of its weights, distance."""

    backbone: str
    kind: str
    distance: str


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument(
        "--weights", action="append", default=[], metavar="NET=FILE", help="or NET=pretrained, a download; repeatable"
    )
    nets = [net for net, _ in BACKBONES.values()]
    parser.add_argument("--backbone", action="append", choices=nets, help="default: all; the table has all that exist")
    parser.add_argument("--scores", type=Path, help="people's scores: CSV with name, level, generator_param, mean_dmos")
    parser.add_argument("--people", type=int, default=8, help="photographs for people's scores")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--triplets", type=int, default=3000, help="in training; a quarter in val, a half in the test")
    parser.add_argument("--epochs", type=int, default=5, help="at the full rate, and as many after these")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args(arguments)
    given = read_weights(options.weights, nets)
    scores = read_scores(options.scores) if options.scores else None
    settings = {name: getattr(options, name) for name in ("people", "triplets", "epochs", "learning_rate")}
    settings |= {"photos": str(options.photos.resolve())}
    settings |= {"scores": content_of(options.scores) if options.scores else "none"}
    keep_settings(options.out / "distances", settings | {net: content_of(file) for net, file in given.items()})
    photos = held_out(options.photos, options.people) if scores else []
    dataset, test = make_datasets(options)
    for backbone, (net, _) in BACKBONES.items():
        if options.backbone and net not in options.backbone:
            continue
        for kind in KINDS:
            for seed in range(options.seeds):
                if kind == "random" or net in given:
                    weights = seed if kind == "random" else given[net]
                    measure(options, dataset, test, backbone, kind, weights, seed, photos, scores)
    results = summarise(options, test, scores)
    (options.out / "poster.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    (options.out / "poster.md").write_text(tables(results), encoding="utf-8")
    print((options.out / "poster.md").read_text(encoding="utf-8"))
    draw(options.out, options.out / "poster.png")


def make_datasets(options: argparse.Namespace) -> tuple[Path, PackedSubset]:
    """Make the dataset of training and val, and the test set, which has other photographs and is sealed."""
    left_out = held_out(options.photos, PEOPLE) if options.scores else ()
    training, tested = divide(options.photos, options.out / "photos", test=0.2, left_out=left_out)
    sizes = {"train": options.triplets, "val": max(1, options.triplets // 4)}
    subsets = [{"path": f"2afc/{split}/poster", "triplets": count} for split, count in sizes.items()]
    generate(Recipe.from_dict({"name": "poster", "subsets": subsets}), options.out / "dataset", photos=training)
    subset = {"path": "2afc/val/test", "triplets": max(1, options.triplets // 2)}
    recipe = {"name": "poster-test", "seed": 1, "sources": {"val_fraction": 0.99}, "subsets": [subset]}
    generate(Recipe.from_dict(recipe), options.out / "test", photos=tested)
    return options.out / "dataset", load_subset(options.out / "test/2afc/val/test")


def measure(
    options: argparse.Namespace,
    dataset: Path,
    test: PackedSubset,
    backbone: str,
    kind: str,
    weights: str | int,
    seed: int,
    photos: list[str],
    scores: Scores | None,
) -> None:
    """Train both heads on a trunk, and write the distances of all three on the test and on people's cells."""
    net, taps = BACKBONES[backbone]
    started = time.monotonic()
    files = {name: options.out / "distances" / f"{net}-{kind}-{name}-{seed}.npz" for name in DISTANCES}
    if all(path.exists() for path in files.values()):
        return
    metrics = {"cosine": LPIPS(net, trunk_weights=weights, taps=taps)}
    for distance in ("lpips", "fc"):
        config = TrainConfig(
            net=net,
            taps=taps,
            distance=distance,
            trunk_weights=weights,
            epochs=options.epochs,
            decay_epochs=options.epochs,
            learning_rate=options.learning_rate,
            seed=seed,
        )
        out = options.out / "trainings" / f"{net}-{kind}-{distance}-{seed}"
        train(config, [dataset / "2afc/train/poster"], [dataset / "2afc/val/poster"], out=out)
        # The last epoch is scored: val only shows the curve.
        metrics[distance] = load_metric(out / "last.safetensors", trunk_weights=None)
    columns = differences(metrics["cosine"], test).columns(("local",), torch.arange(len(test)))
    of_cells = torch.empty(0)
    if scores:
        file = options.out / "cells" / f"{net}-{kind}-{seed if kind == 'random' else 'all'}.npy"
        if not file.exists():  # trainings of one trunk share it
            file.parent.mkdir(exist_ok=True)
            np.save(file, cell_columns(metrics["cosine"], options.photos, photos, scores).numpy())
        of_cells = torch.from_numpy(np.load(file))
    for name, metric in metrics.items():
        with torch.inference_mode():
            pair = metric.weigh(columns.flatten(0, 1)).view(-1, 2).double().numpy()
            people = metric.weigh(of_cells.flatten(0, 2)).view(of_cells.shape[:3]).double() if scores else of_cells
        seconds = time.monotonic() - started
        np.savez(files[name], d0=pair[:, 0], d1=pair[:, 1], people=people.numpy(), seconds=seconds)
    print(f"{backbone}, {kind}, seed {seed}: {time.monotonic() - started:.0f} s", flush=True)


def cell_columns(metric: LPIPS, folder: Path, photos: list[str], scores: Scores) -> Tensor:
    """Compute the input of the heads for all cells; shape (photographs, 24, 5, K)."""
    parts: list[Tensor] = []
    for _, group in groupby(cells(folder, photos, scores), key=lambda cell: (cell.photo, cell.type)):
        rows = list(group)
        images = torch.from_numpy(np.stack([rows[0].reference, *(cell.distorted for cell in rows)]))
        with torch.inference_mode():
            features = metric.features(images.permute(0, 3, 1, 2).float() / 127.5 - 1)
            reference, distorted = split(features, [1, len(rows)])
            parts.append(metric.differences(reference, distorted).clone())
    return torch.stack(parts).view(len(photos), len(TYPES), -1, parts[0].shape[1])


def summarise(options: argparse.Namespace, test: PackedSubset, scores: Scores | None) -> dict[str, Any]:
    """Score all distances. Intervals resample photographs, and items within them; seeds are averaged item by item."""
    judge = test.labels.numpy().astype(np.float64)
    decided = judge != 0.5
    origin = read_origin(test)
    groups = origin.photo if origin else None
    two_afc: dict[Row, Array] = {}
    accuracy: dict[Row, Array] = {}
    people: dict[Row, Array] = {}
    seconds: dict[str, float] = {}
    for backbone, (net, _) in BACKBONES.items():
        for kind in KINDS:
            for distance in DISTANCES:
                paths = [options.out / "distances" / f"{net}-{kind}-{distance}-{k}.npz" for k in range(options.seeds)]
                files = [np.load(path) for path in paths if path.exists()]
                if files:
                    row = Row(backbone, kind, distance)
                    two_afc[row] = np.stack([two_afc_scores(file["d0"], file["d1"], judge) for file in files])
                    rounded = (judge[decided] > 0.5).astype(np.float64)
                    accuracy[row] = np.stack(
                        [two_afc_scores(file["d0"][decided], file["d1"][decided], rounded) for file in files]
                    )
                    people[row] = np.stack([file["people"] for file in files])
                    if distance == "fc":
                        seconds[f"{backbone}, {kind}"] = float(sum(file["seconds"] for file in files))
    drawn = {
        "2AFC": bootstrap(
            len(judge), {row: mean_statistic(each.mean(0)) for row, each in two_afc.items()}, groups=groups
        ),
        "accuracy": bootstrap(
            int(decided.sum()),
            {row: mean_statistic(each.mean(0)) for row, each in accuracy.items()},
            groups=groups[decided] if groups is not None else None,
        ),
    }
    rows = []
    for row in two_afc:
        entry: dict[str, Any] = {**row._asdict(), "seeds": len(two_afc[row])}
        for name, values in (("2AFC", two_afc[row]), ("accuracy", accuracy[row])):
            ends, each = interval(drawn[name][row]), values.mean(axis=1)
            entry[name] = {"score": each.mean(), "low": ends.low, "high": ends.high, "seeds": each.tolist()}
        if scores:
            entry["people"] = people_score(people[row], scores)
        rows.append(entry)
    best = {"2AFC": float(np.maximum(judge, 1 - judge).mean()), "test": len(judge), "decided": int(decided.sum())}
    return {
        "rows": rows,
        "ceiling": best,
        "findings": findings(two_afc, drawn["2AFC"], people, scores),
        "seconds": seconds,
    }


def people_score(distances: Array, scores: Scores) -> dict[str, Any]:
    """Score each seed. The score and the ends of its interval are means over seeds.

    The interval of a seed resamples photographs and types.
    """
    each = [people_interval(count_pairs(one, scores.means)) for one in distances]
    value = float(np.mean([one.value for one in each])) / 100
    reach = [np.mean([getattr(one, end) for one in each]) / 100 for end in ("low", "high")]
    return {"score": value, "low": float(reach[0]), "high": float(reach[1]), "seeds": [one.value / 100 for one in each]}


def findings(
    items: dict[Row, Array], drawn: dict[Row, Array], people: dict[Row, Array], scores: Scores | None
) -> list[dict[str, Any]]:
    """Compute paired differences: of weights at every distance, and of distances at every weights."""
    contrasts: list[tuple[str, Row, Row]] = []
    for backbone in BACKBONES:
        contrasts += [
            (
                f"{backbone}, {DISTANCES[d]}: pretrained − random",
                Row(backbone, "pretrained", d),
                Row(backbone, "random", d),
            )
            for d in DISTANCES
        ]
        for kind in KINDS:
            for one, other in (("lpips", "cosine"), ("fc", "lpips")):
                text = f"{backbone}, {kind}: {DISTANCES[one]} − {DISTANCES[other]}"
                contrasts.append((text, Row(backbone, kind, one), Row(backbone, kind, other)))
    found = []
    for text, one, other in contrasts:
        if one in drawn and other in drawn:
            ends = interval(drawn[one] - drawn[other])
            entry = {
                "contrast": text,
                "gap": float(items[one].mean() - items[other].mean()),
                **_ends(ends.low, ends.high),
            }
            if scores:
                pairs = [count_pairs(people[row][0], scores.means) for row in (one, other)]
                theirs = people_interval(*pairs)
                entry["people"] = {"gap": theirs.value / 100, **_ends(theirs.low / 100, theirs.high / 100)}
            found.append(entry)
    return found


def _ends(low: float, high: float) -> dict[str, float]:
    return {"low": low, "high": high}


def tables(results: dict[str, Any]) -> str:
    """Write the results as Markdown, in %."""
    with_people = any("people" in row for row in results["rows"])
    heads = ["2AFC", "accuracy", *(["people"] if with_people else [])]
    lines = [
        f"Test: {results['ceiling']['test']:,} triplets of photographs of no training; the best possible 2AFC score is "
        f"{100 * results['ceiling']['2AFC']:.1f}. Mean over seeds (95 % interval), in brackets the range over seeds.",
        "",
        f"| backbone | weights | distance | {' | '.join(heads)} |",
        f"|---|---|---|{'---|' * len(heads)}",
    ]
    for row in results["rows"]:
        lines.append(
            f"| {row['backbone']} | {row['kind']} | {DISTANCES[row['distance']]} | "
            f"{' | '.join(_show(row[name]) for name in heads)} |"
        )
    for backbone in BACKBONES:
        if not any(row["backbone"] == backbone and row["kind"] == "pretrained" for row in results["rows"]):
            lines.append(f"| {backbone} | pretrained | | {' | '.join(['not given'] * len(heads))} |")
    lines += [
        "",
        "| difference, points | 2AFC |" + (" people |" if with_people else ""),
        "|---|---|" + "---|" * with_people,
    ]
    for one in results["findings"]:
        people = f" {_gap(one['people'])} |" if with_people else ""
        lines.append(f"| {one['contrast']} | {_gap(one)} |{people}")
    return "\n".join(lines) + "\n"


def _show(score: dict[str, Any]) -> str:
    text = f"{100 * score['score']:.1f} ({100 * score['low']:.1f}–{100 * score['high']:.1f})"
    low, high = min(score["seeds"]), max(score["seeds"])
    return text if high - low < 5e-4 else f"{text} [{100 * low:.1f}–{100 * high:.1f}]"


def _gap(one: dict[str, Any]) -> str:
    return f"{100 * one['gap']:+.1f} ({100 * one['low']:+.1f} … {100 * one['high']:+.1f})"


def draw(out: Path, path: Path) -> None:
    """Plot loss and val 2AFC of the first seed: a colour for each trunk, dashes for the fully connected head."""
    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    trunks = [(backbone, kind) for backbone in BACKBONES for kind in KINDS]
    for number, (backbone, kind) in enumerate(trunks):
        for distance, line in (("lpips", "-"), ("fc", "--")):
            log = out / "trainings" / f"{BACKBONES[backbone][0]}-{kind}-{distance}-0" / "history.jsonl"
            if log.exists():
                history = [json.loads(row) for row in log.read_text(encoding="utf-8").splitlines()]
                style: dict[str, Any] = {"color": f"C{number}", "linestyle": line, "marker": "o", "markersize": 3}
                epochs = [row["epoch"] for row in history]
                left.plot(epochs, [row["loss"] for row in history], **style)
                name = f"{backbone}, {kind}, {DISTANCES[distance]}"
                right.plot(epochs, [100 * row["val_2afc"] for row in history], label=name, **style)
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel="val 2AFC, %")
    right.legend(frameon=False, fontsize=7)
    FigureCanvasAgg(figure).print_png(path)


if __name__ == "__main__":
    run_script(main)
