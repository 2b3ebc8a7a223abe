"""Conformance: the contract that every operator keeps, and figures that show what a metric could learn from it."""

from .check import check_operator, examine
from .figures import Figures, measure
from .limits import exceeded_limits
from .speed import microseconds, relative_time
from .table import HEADINGS, figure_cells

__all__ = [
    "HEADINGS",
    "Figures",
    "check_operator",
    "examine",
    "exceeded_limits",
    "figure_cells",
    "measure",
    "microseconds",
    "relative_time",
]
