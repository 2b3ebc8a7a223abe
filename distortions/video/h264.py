"""H.264."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.intra_frame import encoder_lacks, intra_coded
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_BLOCK = 16
"""Side in px of a macroblock; predictions and transforms inside have 4, 8 and 16 px."""
_ENCODER = "libx264"
_SETTINGS = "qp={}:ipratio=1:threads=1:cpu-independent=1:rc-lookahead=0:sync-lookahead=0:bframes=0:log=-1"
"""Of x264: a constant quantizer, one thread, no choice of algorithm by processor, and silence."""


@register
class H264(Distortion):
    """An intra frame of H.264 (4:2:0): blocks that are predicted from their neighbours, and a filter over their seams.

    The grid of macroblocks is drawn.
    """

    source = "ITU-T H.264, by x264; range ours"
    libraries = ("av",)
    quantizer = Severity(mild=14, severe=50, unit="QP", whole=True)
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
        options = {"preset": "veryfast", "x264-params": _SETTINGS.format(quantizer)}
        phase = row_phase, column_phase
        return on_grid(view, _BLOCK, phase, lambda whole: intra_coded(whole, _ENCODER, "h264", options))
