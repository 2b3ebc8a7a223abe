"""VP9."""

from __future__ import annotations

from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register

from .video_codec import VideoCodec

_BLOCK = 64
"""Side in px of a superblock; blocks inside have 4 to 64 px."""


@register
class Vp9(VideoCodec):
    """An intra frame of VP9 (4:2:0): predictions and transforms in blocks of 4 to 32 px, and a filter over seams.

    The grid of superblocks is drawn.
    """

    source = "VP9 bitstream specification (Grange, de Rivaz and Hunt 2016), by libvpx; range ours"
    encoder = "libvpx-vp9"
    decoder = "vp9"
    block = _BLOCK
    unit = 8
    quantizer = Severity(mild=6, severe=58, unit="quantizer of libvpx", whole=True)
    row_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)

    def options(self, quantizer: int) -> dict[str, str]:
        """Return the options of the encoder."""
        return {
            "deadline": "realtime",
            "cpu-used": "7",
            "lag-in-frames": "0",
            "b": "0",
            "crf": str(quantizer),
            "qmin": str(quantizer),
            "qmax": str(quantizer),
        }
