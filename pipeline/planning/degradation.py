"""Operators that can restore the same degraded image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.registry import operators


def partners(names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return operator → the others that can be given the same degraded image. Operators without a partner are missing.

    Two operators are partners if they name the same degradation parameters (`Distortion.degradation`) and declare them
    alike.

    Args:
        names: of operators.
    """
    known = operators()
    restoring = [known[name] for name in names if known[name].degradation]
    pairs = {one.name: tuple(o.name for o in restoring if o is not one and _alike(one, o)) for one in restoring}
    return {name: others for name, others in pairs.items() if others}


def _alike(one: Distortion, other: Distortion) -> bool:
    return set(one.degradation) == set(other.degradation) and all(
        one.parameters[key] == other.parameters[key] for key in one.degradation
    )
