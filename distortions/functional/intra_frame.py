"""Encode an image as the single frame of a video, through PyAV."""

# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.image import Image
from bappsmith.manifests.errors import BappsmithError


def encoder_lacks(encoder: str) -> str | None:
    """Return that PyAV or an encoder is missing; None if both are there. See `Distortion.unavailable`.

    Args:
        encoder: FFmpeg's name of the encoder.
    """
    try:
        from av.codec import Codec
        from av.codec.codec import UnknownCodecError
    except ImportError:
        return "needs PyAV, which is not installed: pip install 'bappsmith[video]'"
    try:
        Codec(encoder, "w")
    except UnknownCodecError:
        return f"needs PyAV with {encoder}, which this build lacks: pip install -U av (from its wheel)"
    return None


def intra_coded(image: Image, encoder: str, decoder: str, options: Mapping[str, str]) -> Image:
    """Encode an image as one intra frame, 4:2:0, on one thread, and decode it.

    Colours are converted here, because the results of FFmpeg's own conversion change with the processor. All of
    [0, 255] is used (ITU-R BT.601 weights, full range). A sample of chroma lies between its four pixels, as in JPEG.

    Args:
        image: uint8 H×W×3 RGB; H and W are even.
        encoder: FFmpeg's name of the encoder.
        decoder: FFmpeg's name of the decoder.
        options: of the encoder.

    Returns:
        A new image, uint8 H×W×3 RGB.

    Raises:
        BappsmithError: PyAV or the encoder is missing.
    """
    lacking = encoder_lacks(encoder)
    if lacking is not None:
        raise BappsmithError(f"encoding by {encoder} {lacking}")
    os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 otherwise writes a page about each frame
    from av import CodecContext, VideoFrame

    height, width = image.shape[:2]
    # PyAV declares subclasses only; these are CodecContext.create's.
    coder, reader = cast(Any, CodecContext.create(encoder, "w")), cast(Any, CodecContext.create(decoder, "r"))
    coder.width, coder.height, coder.pix_fmt, coder.time_base = width, height, "yuv420p", Fraction(1)
    coder.thread_count = reader.thread_count = 1
    coder.options = dict(options)
    frame = VideoFrame.from_ndarray(_planes(image), format="yuv420p")
    frame.pts = 0
    packets = [*coder.encode(frame), *coder.encode(None)]
    frames = [one for packet in (*packets, None) for one in reader.decode(packet)]
    return _image(frames[0].to_ndarray(format="yuv420p"), height)


def _planes(image: Image) -> Image:
    """Return luma, and below it the halved Cb and Cr, as FFmpeg's yuv420p: uint8 (3/2·H)×W."""
    height, width = image.shape[:2]
    coded = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    few = cv2.resize(coded, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = coded[..., 0]
    planes[height:].reshape(2, height // 2, width // 2)[:] = few[..., 2], few[..., 1]
    return planes


def _image(planes: NDArray[np.uint8], height: int) -> Image:
    """Return the image of what `_planes` returns."""
    width = planes.shape[1]
    cb, cr = planes[height:].reshape(2, height // 2, width // 2)
    chroma = cv2.resize(cv2.merge([cr, cb]), (width, height), interpolation=cv2.INTER_LINEAR_EXACT)
    coded = np.dstack([planes[:height], chroma])
    return np.asarray(cv2.cvtColor(coded, cv2.COLOR_YCrCb2RGB), np.uint8)
