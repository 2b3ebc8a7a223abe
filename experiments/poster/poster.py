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

import numpy as np
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "people"))

from cells import Scores, cells, held_out, read_scores
from command_line import read_weights, run_script
from kadid_types import TYPES
from photographs import divide
from poster_cells import BACKBONES, DISTANCES, KINDS
from poster_page import draw, tables
from poster_scores import summarise
from saved_settings import content_of, keep_settings

from bappsmith.lpips import LPIPS, PackedSubset, TrainConfig, load_metric, load_subset, train
from bappsmith.lpips.model.forms import split
from bappsmith.lpips.training.differences import differences
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

PEOPLE = 32
"""Photographs of the keyed order of `experiments/people` that no training of this repository sees."""


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


if __name__ == "__main__":
    run_script(main)
