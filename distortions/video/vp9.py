"""VP9."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.intra_frame import encoder_lacks, intra_coded
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_BLOCK = 64
"""Side in px of a superblock; blocks inside have 4 to 64 px."""
_ENCODER = "libvpx-vp9"


@register
class Vp9(Distortion):
    """An intra frame of VP9 (4:2:0): predictions and transforms in blocks of 4 to 32 px, and a filter over seams.

    The grid of superblocks is drawn.
    """

    source = "VP9 bitstream specification (Grange, de Rivaz and Hunt 2016), by libvpx; range ours"
    libraries = ("av",)
    quantizer = Severity(mild=6, severe=58, unit="quantizer of libvpx", whole=True)
    row_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)

    def unavailable(self) -> str | None:
        """Say so if PyAV or its encoder is missing."""
        return encoder_lacks(_ENCODER)

    def margin(self, side: int, params: Params) -> int:
        """Return what a block on the border can lack: all but one pixel."""
        return _BLOCK - 1

    def apply(self, view: View, *, quantizer: int, row_phase: int, column_phase: int) -> Image:
        """Encode; the patch starts `row_phase` and `column_phase` px after the first block."""
        options = {
            "deadline": "realtime",
            "cpu-used": "7",
            "lag-in-frames": "0",
            "b": "0",
            "crf": str(quantizer),
            "qmin": str(quantizer),
            "qmax": str(quantizer),
        }
        phase = row_phase, column_phase
        return on_grid(view, _BLOCK, phase, lambda whole: intra_coded(whole, _ENCODER, "vp9", options), unit=8)
