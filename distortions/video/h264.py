"""H.264."""

from __future__ import annotations

from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register

from .video_codec import VideoCodec

_BLOCK = 16
"""Side in px of a macroblock; predictions and transforms inside have 4, 8 and 16 px."""
_SETTINGS = "qp={}:ipratio=1:threads=1:cpu-independent=1:rc-lookahead=0:sync-lookahead=0:bframes=0:log=-1"
"""Of x264: a constant quantizer, one thread, no choice of algorithm by processor, and silence."""


@register
class H264(VideoCodec):
    """An intra frame of H.264 (4:2:0): blocks that are predicted from their neighbours, and a filter over their seams.

    The grid of macroblocks is drawn.
    """

    source = "ITU-T H.264, by x264; range ours"
    encoder = "libx264"
    decoder = "h264"
    block = _BLOCK
    quantizer = Severity(mild=14, severe=50, unit="QP", whole=True)
    row_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)

    def options(self, quantizer: int) -> dict[str, str]:
        """Return the options of the encoder."""
        return {"preset": "veryfast", "x264-params": _SETTINGS.format(quantizer)}
