"""Natural patches with their surroundings, from a person's photographs, to measure operators on."""

from __future__ import annotations

from bappsmith.distortions.random import Draws
from bappsmith.distortions.view import View
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.triplet import Crop
from bappsmith.pipeline.rendering.crop import cut
from bappsmith.pipeline.rendering.render import contrast
from bappsmith.pipeline.sources.index import SourceIndex

FLAT = 12.0
"""Patches whose luma has a smaller standard deviation, in levels of 255, are left out. Chosen by us."""


def photograph_views(index: SourceIndex, count: int, side: int) -> list[View]:
    """Cut patches with half a side of surroundings, each from another photograph.

    Every other patch is a crop of its own size, the rest are crops of twice the size, reduced. Equal arguments give
    equal patches.

    Args:
        index: the photographs; their order here depends only on their pixels.
        count: number of patches.
        side: of the patches, px.

    Raises:
        BappsmithError: fewer photographs than `count` give a patch.
    """
    views = natural_views(index, count, side)
    if len(views) < count:
        raise BappsmithError(
            f"{index.root}: {len(views)} photographs give a patch of {side} px, {count} are needed; add photographs, "
            "or ask for fewer patches"
        )
    return views


def natural_views(index: SourceIndex, most: int, side: int) -> list[View]:
    """Cut patches as `photograph_views` does, as many as the photographs give.

    Args:
        index: the photographs.
        most: number of patches at most.
        side: of the patches, px.
    """
    views: list[View] = []
    for number, photo in enumerate(sorted(index.photographs, key=lambda photo: photo.pixels_sha256)):
        scaled = side * (1 + len(views) % 2)
        if len(views) == most or min(photo.height, photo.width) < scaled:
            continue
        draws = Draws(0, number)
        crop = Crop(draws.integer(photo.height - scaled + 1), draws.integer(photo.width - scaled + 1), scaled)
        view = View(cut(index.read(photo), crop, side, side // 2), side // 2, (side, side))
        if contrast(view.centre) >= FLAT:
            views.append(view)
    return views
