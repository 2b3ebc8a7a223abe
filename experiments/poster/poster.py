"""Compare parts of a perceptual metric: backbone × its weights × distance of features.

    python experiments/poster/poster.py --photos ~/photos --alex-weights alexnet.pth --vgg-weights vgg16.pth \
        --out poster

Backbones are cut early: VGG16 after two convolutional layers, AlexNet after four. Each is taken pretrained and random,
and compared by cosine distance, by LPIPS heads, and by LPIPS heads with a small fully connected one. Trunks stay
fixed. Written to --out: the dataset, `poster.md` with the table, and `poster.png` with curves over the epochs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bappsmith.lpips import LPIPS, TrainConfig, load_subset, train, two_afc_scores
from bappsmith.lpips.evaluation.distances import distances
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.generate import generate

BACKBONES = {
    "VGG16, 2 layers": ("vgg", ("features.1", "features.3")),
    "AlexNet, 4 layers": ("alex", ("features.1", "features.4", "features.7", "features.9")),
}
DISTANCES = {"cosine": "cosine", "lpips": "LPIPS", "fc": "LPIPS + fully connected"}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--alex-weights", help="file, or 'pretrained'; without it that row is left empty")
    parser.add_argument("--vgg-weights", help="likewise")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--triplets", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=5, help="at the full rate, and as many after these")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    dataset = options.out / "dataset"
    sizes = {"train": options.triplets, "val": max(1, options.triplets // 4)}
    subsets = [{"path": f"2afc/{split}/poster", "triplets": count} for split, count in sizes.items()]
    generate(Recipe.from_dict({"name": "poster", "subsets": subsets}), dataset, photos=options.photos)
    val = load_subset(dataset / "2afc/val/poster")
    given = {"vgg": options.vgg_weights, "alex": options.alex_weights}
    lines = [
        f"| backbone | weights | {' | '.join(DISTANCES.values())} |",
        f"|---|---|{'---|' * len(DISTANCES)}",
    ]
    curves: dict[str, list[dict[str, Any]]] = {}
    for backbone, (net, taps) in BACKBONES.items():
        for kind, weights in (("pretrained", given[net]), ("random", options.seed)):
            cells = ["not given"] * len(DISTANCES)
            if weights is not None:
                d0, d1 = distances(LPIPS(net, trunk_weights=weights, taps=taps), val)
                cells[0] = f"{100 * two_afc_scores(d0, d1, val.labels).mean():.1f}"
                for column, distance in enumerate(("lpips", "fc"), start=1):
                    config = TrainConfig(
                        net=net,
                        taps=taps,
                        distance=distance,
                        mode="lin",
                        trunk_weights=weights,
                        epochs=options.epochs,
                        decay_epochs=options.epochs,
                        learning_rate=options.learning_rate,
                        seed=options.seed,
                    )
                    out = options.out / f"{net}-{kind}-{distance}"
                    result = train(config, [dataset / "2afc/train/poster"], [val.root], out=out)
                    cells[column] = f"{100 * result.history[-1]['val_2afc']:.1f}"
                    curves[f"{backbone}, {kind}, {DISTANCES[distance]}"] = result.history
            lines.append(f"| {backbone} | {kind} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    (options.out / "poster.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    draw(curves, options.out / "poster.png")


def draw(curves: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Plot loss and val accuracy over the epochs: a colour for each trunk, dashes for the fully connected head."""
    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    colours: dict[str, str] = {}
    for name, history in curves.items():
        trunk = name.rsplit(",", 1)[0]
        style = {
            "color": colours.setdefault(trunk, f"C{len(colours)}"),
            "linestyle": "--" if "fully" in name else "-",
            "marker": "o",
            "markersize": 3,
        }
        epochs = [row["epoch"] for row in history]
        left.plot(epochs, [row["loss"] for row in history], **style)
        right.plot(epochs, [100 * row["val_2afc"] for row in history], label=name, **style)
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel="val 2AFC, %")
    right.legend(frameon=False, fontsize=7)
    FigureCanvasAgg(figure).print_png(path)


if __name__ == "__main__":
    main()
