"""Equivalents of the operators of `video`: PyAV with FFmpeg's own conversion of colours. Grids start at the corner."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
from collect_peers import Peer

from bappsmith.distortions import Image


def frame(i: Image, encoder: str, decoder: str, options: dict[str, str]) -> Any:
    coder, reader = av.CodecContext.create(encoder, "w"), av.CodecContext.create(decoder, "r")
    coder.height, coder.width = i.shape[:2]
    coder.pix_fmt, coder.time_base, coder.thread_count, coder.options = "yuv420p", Fraction(1), 1, options
    picture = av.VideoFrame.from_ndarray(i, format="rgb24").reformat(format="yuv420p")
    picture.pts = 0
    packets = [*coder.encode(picture), *coder.encode(None)]
    frames = [one for packet in (*packets, None) for one in reader.decode(packet)]
    return frames[0].to_ndarray(format="rgb24")


def quantized(p: Any) -> dict[str, str]:
    return {name: str(p.quantizer) for name in ("crf", "qmin", "qmax")}


X264 = "qp={}:ipratio=1:threads=1:rc-lookahead=0:sync-lookahead=0:bframes=0:log=-1"
X265 = "qp={}:ipratio=1:ctu=32:pools=none:frame-threads=1:wpp=0:rc-lookahead=0:bframes=0:log-level=none"
VP9 = {"deadline": "realtime", "cpu-used": "7", "lag-in-frames": "0", "b": "0"}
AV1 = {"preset": "9", "svtav1-params": "lp=1:avif=1"}

PEERS: dict[str, dict[str, Peer]] = {
    "h264": {
        "PyAV, libx264": lambda i, t, p: frame(
            i, "libx264", "h264", {"preset": "veryfast", "x264-params": X264.format(p.quantizer)}
        ),
    },
    "h265": {
        "PyAV, libx265": lambda i, t, p: frame(
            i, "libx265", "hevc", {"preset": "ultrafast", "x265-params": X265.format(p.quantizer)}
        ),
    },
    "vp9": {"PyAV, libvpx-vp9": lambda i, t, p: frame(i, "libvpx-vp9", "vp9", VP9 | quantized(p))},
    "av1": {"PyAV, libsvtav1": lambda i, t, p: frame(i, "libsvtav1", "libdav1d", AV1 | {"qp": str(p.quantizer)})},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
