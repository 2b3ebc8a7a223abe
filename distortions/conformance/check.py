"""Check one operator: every clause of the contract, and every limit of its figures."""

from __future__ import annotations

from collections.abc import Sequence

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.image import Image

from .contract import broken_clauses
from .figures import Figures, measure
from .limits import exceeded_limits


def check_operator(op: Distortion, patches: Sequence[Image]) -> list[str]:
    """Test an operator against every clause of the contract and every limit.

    Args:
        op: the operator.
        patches: a dozen or more natural patches, uint8 H×W×3 RGB; see `patches.natural_patches`.

    Returns:
        One readable line per violation; empty if the operator keeps the contract.
    """
    return examine(op, patches)[0]


def examine(op: Distortion, patches: Sequence[Image]) -> tuple[list[str], Figures | None]:
    """Test an operator, and return its figures too.

    Returns:
        Violations as `check_operator` returns them, and figures; None if it is too broken to measure them.
    """
    violations = broken_clauses(op, patches)
    try:
        figures = measure(op)
    except Exception as error:  # a person's code may raise anything
        message = " ".join(f"{type(error).__name__}: {error}".split())
        return violations or [f"its figures cannot be measured: {message}"], None
    return [*violations, *exceeded_limits(op, figures)], figures
