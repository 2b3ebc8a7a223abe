"""H.265."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.functional.codec_grid import on_grid
from bappsmith.distortions.functional.intra_frame import encoder_lacks, intra_coded
from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

_BLOCK = 32
"""Side in px of a coding tree unit; coding units inside have 16 and 32 px."""
_ENCODER = "libx265"
_SETTINGS = (
    "qp={}:ipratio=1:ctu=32:pools=none:frame-threads=1:wpp=0:rc-lookahead=0:lookahead-slices=0:bframes=0:info=0:"
    "log-level=none"
)
"""Of x265: a constant quantizer, one thread, and silence."""


@register
class H265(Distortion):
    """An intra frame of H.265 (4:2:0): 35 directions of prediction in blocks of 16 and 32 px, and a filter over seams.

    The grid of coding tree units is drawn. The preset is the fastest: with coding units of 8 px, it takes four times as
    long, and the error is smaller by a tenth.
    """

    source = "ITU-T H.265, by x265; range ours"
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
        options = {"preset": "ultrafast", "x265-params": _SETTINGS.format(quantizer)}
        phase = row_phase, column_phase
        return on_grid(view, _BLOCK, phase, lambda whole: intra_coded(whole, _ENCODER, "hevc", options))
