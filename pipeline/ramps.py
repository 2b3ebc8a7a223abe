"""Distort photographs with rising severity, to see whether metrics follow."""

from __future__ import annotations

from pathlib import Path

from bappsmith.distortions.base import SIDE
from bappsmith.distortions.compose import apply_chains
from bappsmith.distortions.random import Draws
from bappsmith.distortions.registry import operators
from bappsmith.lpips.evaluation.ramps import Ladder
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.progress import Progress
from bappsmith.manifests.recipe.sources import Sources
from bappsmith.manifests.schema.call import Chain
from bappsmith.pipeline.calibration.views import natural_views
from bappsmith.pipeline.sources.index import index_sources

SEVERITIES = (0.2, 0.4, 0.6, 0.8, 1.0)
PATCHES = 32
"""Number of patches at most, each from another photograph."""
LEFT_OUT = "contexts"
"""Family of operators whose published ranges are contexts to rank, not ramps of damage: from some hue or zoom on, more
is no longer more distant."""
_KEY = 11
"""Key of the draws of parameters that do not depend on severity."""


def make_ramps(photos: str | Path, *, progress: Progress | None = None) -> list[Ladder]:
    """Distort a patch of each photograph by every operator, at each of `SEVERITIES`.

    Patches have 64 px with real surroundings. Parameters that do not depend on severity are drawn once per patch and
    operator: the same at all severities. Operators that saturate by declaration (`Distortion.saturates`), for which
    more severity can mean a smaller distance, are left out, and so are those of `LEFT_OUT` and those that need a
    package or codec that this machine lacks. Equal arguments give equal pixels.

    Args:
        photos: folder or glob of photographs, or `samples`: those inside scikit-image.
        progress: called with ("distort", operators done, all operators).

    Returns:
        One ladder per operator and patch, ordered by operator.

    Raises:
        BappsmithError: there is no photograph, none has a patch that is not flat, or an operator fails.
    """
    index = index_sources(Sources(path=str(photos)))
    views = natural_views(index, PATCHES, SIDE)
    if not views:
        raise BappsmithError(
            f"{index.root}: no photograph has a patch of {SIDE} px that is not flat; give larger photographs"
        )
    usable = [op for op in operators().values() if op.unavailable() is None]
    chosen = [op for op in usable if not op.saturates and op.family != LEFT_OUT]
    ladders: list[Ladder] = []
    for done, op in enumerate(chosen, start=1):
        rungs = []
        for severity in SEVERITIES:
            calls = [op.call(severity, Draws(_KEY, number), SIDE) for number in range(len(views))]
            rungs.append(apply_chains(views, [Chain((call,)) for call in calls]))
        for number, view in enumerate(views):
            ladders.append(Ladder(op.name, number, view.centre, tuple(rung[number] for rung in rungs)))
        if progress:
            progress("distort", done, len(chosen))
    return ladders
