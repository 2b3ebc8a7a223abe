"""Which operators have a severity that compares with that of others."""

from __future__ import annotations

from collections.abc import Iterable

from bappsmith.distortions.registry import operator


def uncalibrated(names: Iterable[str]) -> str:
    """Return the operators whose severity is not calibrated, with their verb ("a, b have"); empty if there are none.

    Raises:
        BappsmithError: an operator is unknown.
    """
    without = sorted(name for name in names if not operator(name).calibrated)
    return f"{', '.join(without)} {'has' if len(without) == 1 else 'have'}" if without else ""
