"""Draw the damage of an operator over its severity."""

# pyright: reportUnknownMemberType=false
# matplotlib leaves parameters of these functions without a type.

from __future__ import annotations

import io
from collections.abc import Mapping

from bappsmith.distortions.severity_curve import KNOTS

_COLOURS = ("#9ec5e8", "#4a90c8", "#12476f")
"""Of the sizes of patches, from the smallest one."""
_TOP = 3.4
"""Of the axis of damage: the worst mean of people's scores is 3.35 points."""


def damage_plot(damage: Mapping[int, tuple[float, ...]]) -> bytes:
    """Draw damage over severity, a line per size of patches, as the content of a PNG file.

    Args:
        damage: side of the patch, px → damage at each of `KNOTS`, in points of people's scale.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # half a second, and only pages need it
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 2.6), dpi=100, layout="constrained")
    axes = figure.subplots()
    for number, (side, values) in enumerate(sorted(damage.items())):
        axes.plot(KNOTS, values, "o-", color=_COLOURS[number % 3], markersize=3.5, linewidth=1.5, label=f"{side} px")
    axes.set(xlabel="severity", ylabel="damage, points", xticks=KNOTS, ylim=(0, _TOP))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    stream = io.BytesIO()
    FigureCanvasAgg(figure).print_png(stream)
    return stream.getvalue()
