"""H.265."""

from __future__ import annotations

from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register

from .video_codec import VideoCodec

_BLOCK = 32
"""Side in px of a coding tree unit; coding units inside have 16 and 32 px."""
_SETTINGS = (
    "qp={}:ipratio=1:ctu=32:pools=none:frame-threads=1:wpp=0:rc-lookahead=0:lookahead-slices=0:bframes=0:info=0:"
    "log-level=none"
)
"""Of x265: a constant quantizer, one thread, and silence."""


@register
class H265(VideoCodec):
    """An intra frame of H.265 (4:2:0): 35 directions of prediction in blocks of 16 and 32 px, and a filter over seams.

    The grid of coding tree units is drawn. The preset is the fastest: with coding units of 8 px, it takes four times as
    long, and the error is smaller by a tenth.
    """

    source = "ITU-T H.265, by x265; range ours"
    encoder = "libx265"
    decoder = "hevc"
    block = _BLOCK
    quantizer = Severity(mild=14, severe=50, unit="QP", whole=True)
    row_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)

    def options(self, quantizer: int) -> dict[str, str]:
        """Return the options of the encoder."""
        return {"preset": "ultrafast", "x265-params": _SETTINGS.format(quantizer)}
