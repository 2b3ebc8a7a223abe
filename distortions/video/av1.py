"""AV1."""

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
_ENCODER = "libsvtav1"


@register
class Av1(Distortion):
    """An intra frame of AV1 (4:2:0), as SVT-AV1 encodes it.

    Blocks are predicted in 56 directions and smoothly. Three filters follow: over seams, along edges (CDEF), and a
    restoration. The grid of superblocks is drawn.
    """

    source = "AV1 bitstream specification (de Rivaz and Haughton 2019), by SVT-AV1; range ours"
    libraries = ("av",)
    quantizer = Severity(mild=6, severe=58, unit="quantizer of SVT-AV1", whole=True)
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
            "preset": "9",
            "qp": str(quantizer),
            "svtav1-params": "lp=1:avif=1",
        }
        phase = row_phase, column_phase
        return on_grid(view, _BLOCK, phase, lambda whole: intra_coded(whole, _ENCODER, "libdav1d", options), unit=8)
