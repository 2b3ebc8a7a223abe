"""What touches the pixels of a dataset beside recipe and photographs: libraries, and operators from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

from ..distortions.registry import foreign_sources
from ..manifests.errors import BappsmithError
from ..manifests.ledger import Run
from .plan import Planner

PIXEL_LIBRARIES = ("numpy", "opencv-python", "pillow", "scipy", "bappsmith")
"""Libraries that touch a pixel of a traditional dataset; their versions are part of its fingerprint."""


def pixel_versions() -> dict[str, str]:
    """Versions of the libraries that touch a pixel."""
    return {name: version(name) for name in PIXEL_LIBRARIES}


def operator_sources(planners: Iterable[Planner]) -> dict[str, str]:
    """Name of every operator that can be drawn and is not bappsmith's own → sha256 of its file, hex.

    Raises:
        BappsmithError: such an operator has no file.
    """
    return foreign_sources({name for planner in planners for name in planner.operator_names})


def check_worker(run: Run, planners: Iterable[Planner]) -> None:
    """Refuse to work where the libraries or operators differ from those of the process that started the run.

    Raises:
        BappsmithError: naming what differs.
    """
    here = pixel_versions()
    for name, wanted in run.versions.items():
        if here.get(name) != wanted:
            raise BappsmithError(
                f"a worker has {name} {here.get(name)}, the run was started with {wanted}; install the same version "
                "on all workers"
            )
    sources = operator_sources(planners)
    for name in sorted({*sources, *run.plugins}):
        if sources.get(name) != run.plugins.get(name):
            raise BappsmithError(
                f"operator '{name}' is not known to a worker in the form the run was started with; put it into a "
                "file of its own and pass that as a plugin, with the same file on all workers"
            )
