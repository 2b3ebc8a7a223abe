"""Which operators can restore the same degraded image."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.pipeline.planning.degradation import partners


def restorer(name: str, degradation: tuple[str, ...], **parameters: object) -> str:
    """Register an operator that restores."""
    register(type(name, (Distortion,), {"name": name, "degradation": degradation, **parameters}))
    return name


def test_partners_name_the_same_degradation_and_declare_it_alike():
    factor, phase = Severity(2, 4, "factor"), Nuisance(0, 4, "px")
    names = [
        restorer("one", ("factor", "phase"), factor=factor, phase=phase),
        restorer("two", ("phase", "factor"), factor=factor, phase=phase, gain=phase),
        restorer("further", ("factor", "phase"), factor=Severity(2, 8, "factor"), phase=phase),
        restorer("fewer", ("factor",), factor=factor, phase=phase),
        restorer("again", ("factor",), factor=Severity(2, 4, "factor")),
    ]
    assert partners([*names, "jpeg"]) == {"one": ("two",), "two": ("one",), "fewer": ("again",), "again": ("fewer",)}
    assert partners(["one", "fewer", "jpeg", "shift"]) == {}
