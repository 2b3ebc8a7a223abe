"""AVIF."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.pillow_codec import pillow_coded, pillow_lacks
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_BLOCK = 64
"""Side of a superblock of AV1 in px. Blocks inside have 4 to 64 px."""
_UNIT = 8
"""Px to which libaom completes an image itself."""
_SPEED = 9
"""Of libaom: a third of the time of its default, 6. At equal quality, the error is larger by half a decibel at most."""


@register
class Avif(Distortion):
    """AVIF: an intra frame of AV1, with blocks of 4 to 64 px, directional predictions and filters over seams.

    Chroma has half the resolution (4:2:0). The grid of superblocks is drawn.
    """

    source = "AVIF (Alliance for Open Media), by libaom and libavif inside Pillow; range ours"
    quality = Severity(mild=92.0, severe=1.0, unit="of 100, on libavif's scale", whole=True)
    row_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)

    def unavailable(self) -> str | None:
        """Say so if Pillow was built without AVIF."""
        return pillow_lacks("avif", "AVIF")

    def margin(self, side: int, params: Params) -> int:
        """Return what a superblock on the border can lack: all but one pixel."""
        return _BLOCK - 1

    def apply(self, view: View, *, quality: int, row_phase: int, column_phase: int) -> Image:
        """Compress at `quality`; the patch starts `row_phase` and `column_phase` px after the first superblock."""
        phase = row_phase, column_phase
        return on_grid(view, _BLOCK, phase, lambda whole: _coded(whole, quality), unit=_UNIT)

    def library_call(self, image: Image, params: Params) -> Image:
        """Compress with Pillow alone."""
        return _coded(image, round(params["quality"]))


def _coded(image: Image, quality: int) -> Image:
    return pillow_coded(image, "AVIF", quality=quality, speed=_SPEED, subsampling="4:2:0", max_threads=1)
