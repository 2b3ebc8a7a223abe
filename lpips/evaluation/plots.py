"""Draw the figures of reports, without the global state of matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bappsmith.lpips.data.mos.mos_set import MosSet

from .breakdown import PartScore
from .evaluation import Score
from .logistic import fit_logistic
from .origin import Origin

_BLUE, _GREY, _PALE = "#1f5fa8", "#777777", "#bbbbbb"
_STEPS = np.linspace(0, 1, 6)


def png(figure: Figure) -> bytes:
    """Encode a figure as PNG."""
    stream = io.BytesIO()
    FigureCanvasAgg(figure).print_png(stream)
    return stream.getvalue()


def scores(scores: Sequence[Score], last: str) -> Figure:
    """Draw one dot with its interval per score. The last metric has its own colour."""
    figure = Figure(figsize=(9.5, 0.8 + 0.3 * len(scores)), layout="constrained")
    axes = figure.subplots()
    heights = np.arange(len(scores))[::-1]
    for height, s in zip(heights, scores, strict=True):
        ends = [[100 * (s.score - s.low)], [100 * (s.high - s.score)]]
        colour = _BLUE if s.metric == last else _GREY
        axes.errorbar(100 * s.score, height, xerr=np.maximum(ends, 0), fmt="o", color=colour, capsize=3)
    axes.set_yticks(heights, [f"{s.subset}  {s.protocol}  {s.metric}" for s in scores])
    axes.axvline(50, color=_PALE, linewidth=1, linestyle="--")
    axes.set_xlabel("score, % (2AFC, pairs and ROC-AUC: 50 is chance); correlations × 100")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def history(history: Sequence[dict[str, Any]]) -> Figure:
    """Draw loss and scores over the epochs of a training."""
    figure = Figure(figsize=(9.5, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    left.plot(epochs, [row["loss"] for row in history], "o-", color=_GREY)
    left.set(xlabel="epoch", ylabel="training loss")
    train = [100 * row["train_2afc"] for row in history]
    right.plot(epochs, train, "o-", color=_GREY, label="train, with dropout")
    if all("val_2afc" in row for row in history):
        right.plot(epochs, [100 * row["val_2afc"] for row in history], "o-", color=_BLUE, label="val")
    right.set(xlabel="epoch", ylabel="2AFC, %")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def heat_map(parts: Sequence[PartScore]) -> Figure:
    """Draw the scores of every metric (columns) on every part (rows)."""
    metrics = list(dict.fromkeys(part.metric for part in parts))
    rows = list(dict.fromkeys((part.by, part.value, part.count) for part in parts))
    table = np.full((len(rows), len(metrics)), np.nan)
    for part in parts:
        table[rows.index((part.by, part.value, part.count)), metrics.index(part.metric)] = 100 * part.score
    size = (3.6 + 0.95 * len(metrics), 1.2 + 0.25 * len(rows))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    axes.imshow(table, cmap="RdYlBu", vmin=0, vmax=100, aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        if not np.isnan(value):
            ink = "white" if abs(value - 50) > 38 else "black"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=ink, fontsize=8)
    axes.set_xticks(range(len(metrics)), metrics, rotation=30, ha="right")
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(metrics)), metrics, rotation=30, ha="left")
    names = [f"{value.replace('_', ' ')}  ({count:,})" for _, value, count in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    starts = [k for k in range(1, len(rows)) if rows[k][0] != rows[k - 1][0]]
    for start in starts:
        axes.axhline(start - 0.5, color="black", linewidth=1.5)
    for start in (0, *starts):
        axes.annotate(
            f"by {rows[start][0]}",
            (1.02, start),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            va="center",
            annotation_clip=False,
        )
    axes.spines[:].set_visible(False)
    return figure


def scores_by_distance(scored: MosSet, distance: NDArray[np.float32], metric: str) -> Figure:
    """Draw people's scores over the distance of a metric, with the function that PLCC fits.

    Args:
        scored: the set.
        distance: of its items.
        metric: name, for the axis.
    """
    figure = Figure(figsize=(6.0, 4.0), layout="constrained")
    axes = figure.subplots()
    sign = -1.0 if scored.higher_is_better else 1.0
    order = np.argsort(distance)
    fitted = fit_logistic(distance, scored.damage).damage
    axes.scatter(distance, sign * scored.damage, s=4, color=_GREY, linewidths=0)
    axes.plot(distance[order], sign * fitted[order], color=_BLUE)
    axes.set(
        xlabel=f"distance, {metric}", ylabel=f"score ({'higher' if scored.higher_is_better else 'lower'} is better)"
    )
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def distance_by_severity(origin: Origin, distances: Sequence[NDArray[np.float32]], metric: str) -> Figure | None:
    """Draw the median distance of patches with one distortion over its severity, one small plot per operator.

    Args:
        origin: of the items.
        distances: (d0, d1) of 2AFC triplets, (d,) of JND pairs.
        metric: name, for the axis.

    Returns:
        The figure; None if no chain has exactly one operator.
    """
    points: dict[str, list[tuple[float, float]]] = {}
    sides = (0, 1) if len(distances) == 2 else (1,)
    for side, values in zip(sides, distances, strict=True):
        for index, chains in enumerate(origin.operators):
            if len(chains[side]) == 1:
                point = (float(origin.severity[index, side]), float(values[index]))
                points.setdefault(chains[side][0], []).append(point)
    if not points:
        return None
    columns = 5
    rows = -(-len(points) // columns)
    figure = Figure(figsize=(2.2 * columns, 0.4 + 1.7 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(points) :]:
        axes.set_visible(False)
    for axes, (name, pairs) in zip(grid.flat, sorted(points.items()), strict=False):
        severity, distance = np.array(pairs).T
        axes.scatter(severity, distance, s=3, color=_PALE, linewidths=0)
        step = np.clip(np.digitize(severity, _STEPS) - 1, 0, len(_STEPS) - 2)
        filled = [k for k in range(len(_STEPS) - 1) if (step == k).any()]
        middles = [(_STEPS[k] + _STEPS[k + 1]) / 2 for k in filled]
        axes.plot(middles, [np.median(distance[step == k]) for k in filled], "o-", color=_BLUE, markersize=3)
        axes.set_title(name.replace("_", " "), fontsize=8)
        axes.set_xlim(0, 1)
        axes.set_yscale("log")  # operators differ by orders of magnitude
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("severity", fontsize=9)
    figure.supylabel(f"distance, {metric}", fontsize=9)
    return figure
