"""Tables of the poster as Markdown, and curves over the epochs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from poster_cells import BACKBONES, DISTANCES, KINDS


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
