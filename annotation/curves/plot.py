"""Draw learning curves."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from .learning_curve import Curve

_BLUES = ("#9ec5e8", "#5e9bd1", "#2f6fb0", "#1b4f8a", "#0d2f5c")


def plot_curve(curve: Curve, title: str) -> Figure:
    """Draw scores over numbers of items, one line per number of votes, with intervals, power laws and the ceiling."""
    figure = Figure(figsize=(9.5, 4.6), layout="constrained")
    axes = figure.subplots()
    levels = list(dict.fromkeys(point.votes for point in curve.points))
    for number, level in enumerate(levels):
        own = [point for point in curve.points if point.votes == level]
        counts = np.array([point.items for point in own], np.float64) * (1 + 0.03 * (number - (len(levels) - 1) / 2))
        scores = np.array([point.score for point in own])
        ends = np.array([[point.score - point.low, point.high - point.score] for point in own]).T
        colour = _BLUES[min(number + max(0, 3 - len(levels)), len(_BLUES) - 1)]
        name = "judgments of a rule" if level == 0 else f"{level} vote{'s' if level > 1 else ''} per item"
        axes.errorbar(counts, 100 * scores, yerr=100 * ends, fmt="o", color=colour, capsize=3, label=name)
        if level in curve.laws:
            grid = np.geomspace(own[0].items, 4 * own[-1].items, 100)
            axes.plot(grid, [100 * curve.laws[level](n) for n in grid], "-", color=colour, linewidth=1)
    axes.axhline(100 * curve.untrained.score, color="#777777", linewidth=1, linestyle=":", label="untrained")
    if not math.isnan(curve.ceiling):
        axes.axhline(100 * curve.ceiling, color="#777777", linewidth=1, linestyle="--", label="ceiling of the votes")
    axes.set_xscale("log")
    axes.set(xlabel="items with votes", ylabel="2AFC on other photographs, %", title=title)
    figure.legend(loc="outside right upper", frameon=False, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
