"""Patches of a person's photographs with their surroundings, to look at operators."""

from __future__ import annotations

from bappsmith.distortions.random import Draws
from bappsmith.distortions.view import View
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.triplet import Crop
from bappsmith.manifests.store.open import open_store
from bappsmith.pipeline.sources.decode import decode
from bappsmith.pipeline.sources.find import find_photographs
from bappsmith.pipeline.sources.read import read_photograph

from .crop import cut
from .render import contrast

_SCALE = 4
"""A crop is at most this many times as large as the patch."""
_TRIES = 16
_FLAT = 12.0
"""A crop whose luma has a smaller standard deviation, in levels of 255, is not taken if another one can be."""


def sample_views(photos: str, count: int, side: int, margin: int) -> list[View]:
    """Cut a patch from each of the first photographs that are large enough. Equal arguments give equal patches.

    Args:
        photos: a folder, a glob, an address or `samples`.
        count: number of patches at most.
        side: of the patches, px.
        margin: px around the patch, on each side; mirrored where the photograph ends.

    Raises:
        BappsmithError: there is no photograph, one cannot be read, or none is large enough.
    """
    found = find_photographs(photos)
    store = open_store(found.root)
    views: list[View] = []
    for number, name in enumerate(found.stamps):
        if len(views) == count:
            break
        photograph = decode(read_photograph(store, name), name)
        height, width = photograph.shape[:2]
        crop_side = min(height, width, _SCALE * side)
        if crop_side < side:
            continue
        draws = Draws(0, number)
        candidates: list[View] = []
        for _ in range(_TRIES):
            crop = Crop(draws.integer(height - crop_side + 1), draws.integer(width - crop_side + 1), crop_side)
            candidates.append(View(cut(photograph, crop, side, margin), margin, (side, side)))
            if contrast(candidates[-1].centre) >= _FLAT:
                break
        views.append(max(candidates, key=lambda view: contrast(view.centre)))
    if not views:
        raise BappsmithError(f"'{photos}': no photograph of at least {side}×{side} px; give larger ones")
    return views
