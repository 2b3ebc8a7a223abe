"""AV1."""

from __future__ import annotations

from bappsmith.distortions.parameters import Nuisance, Severity
from bappsmith.distortions.registry import register

from .video_codec import VideoCodec

_BLOCK = 64
"""Side in px of a superblock; blocks inside have 4 to 64 px."""


@register
class Av1(VideoCodec):
    """An intra frame of AV1 (4:2:0), as SVT-AV1 encodes it.

    Blocks are predicted in 56 directions and smoothly. Three filters follow: over seams, along edges (CDEF), and a
    restoration. The grid of superblocks is drawn.
    """

    source = "AV1 bitstream specification (de Rivaz and Haughton 2019), by SVT-AV1; range ours"
    encoder = "libsvtav1"
    decoder = "libdav1d"
    block = _BLOCK
    unit = 8
    quantizer = Severity(mild=6, severe=58, unit="quantizer of SVT-AV1", whole=True)
    row_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)
    column_phase = Nuisance(0, _BLOCK - 1, unit="px", whole=True)

    def options(self, quantizer: int) -> dict[str, str]:
        """Return the options of the encoder."""
        return {
            "preset": "9",
            "qp": str(quantizer),
            "svtav1-params": "lp=1:avif=1",
        }
