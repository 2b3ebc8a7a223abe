"""Figures of operators as cells of a table, for the terminal and for the docs."""

from __future__ import annotations

from .figures import SIDES, Figures

HEADINGS = ("rim", "mirror", "phase", "reach", *map(str, SIDES), "t 64", "t 256")
"""Of the columns that `figure_cells` fills."""


def figure_cells(figures: Figures, times: tuple[float | None, float | None]) -> list[str]:
    """Format the figures of an operator; a dash stands for what cannot be measured.

    Args:
        figures: of the operator.
        times: times over those of the library's bare call, at 64 and 256 px.

    Returns:
        One cell per heading.
    """
    return [
        f"{figures.rim:.2f}",
        _number(figures.mirror_share, 3),
        f"{figures.phase:.2f}",
        f"{figures.reach:.1f}",
        *(f"{error:.1f}" for error in figures.sizes),
        *(_number(time, 2) for time in times),
    ]


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
