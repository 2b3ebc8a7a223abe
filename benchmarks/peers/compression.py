"""Equivalents of the operators of `compression` in other libraries: their grids start at the corner of the patch."""

from __future__ import annotations

import io
from typing import Any

import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
from collect_peers import Peer
from PIL import Image as PIL

from bappsmith.distortions import Image


def pillow(i: Image, format_: str, **settings: Any) -> Any:
    file = io.BytesIO()
    PIL.fromarray(i).save(file, format_, **settings)
    return np.asarray(PIL.open(file))


def opencv(i: Image, extension: str, *settings: int) -> Any:
    encoded = cv2.imencode(extension, cv2.cvtColor(i, cv2.COLOR_RGB2BGR), settings)[1]
    return cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def twice(i: Image, p: Any) -> Any:
    other = max(p.quality, round(p.quality + p.better * (98 - p.quality)))
    for quality in (p.quality, other) if p.worse_first else (other, p.quality):
        i = opencv(i, ".jpg", cv2.IMWRITE_JPEG_QUALITY, quality)
    return i


def chroma(i: Image, p: Any) -> Any:
    """Where the factor does not divide the side, the blocks have unequal sizes."""
    height, width = i.shape[:2]
    coded = cv2.cvtColor(i, cv2.COLOR_RGB2YCrCb)
    rows = p.factor if p.direction == "both" else 1
    few = cv2.resize(coded, (width // p.factor, height // rows), interpolation=cv2.INTER_AREA)
    way = cv2.INTER_NEAREST if p.upsampling == "nearest" else cv2.INTER_LINEAR
    enlarged = cv2.resize(few, (width, height), interpolation=way)
    enlarged[..., 0] = coded[..., 0]
    return cv2.cvtColor(enlarged, cv2.COLOR_YCrCb2RGB)


PEERS: dict[str, dict[str, Peer]] = {
    "double_jpeg": {"cv2.imencode, twice": lambda i, t, p: twice(i, p)},
    "webp": {
        "cv2.imencode": lambda i, t, p: opencv(i, ".webp", cv2.IMWRITE_WEBP_QUALITY, p.quality),
        "albumentations image_compression": lambda i, t, p: ap.image_compression(i, p.quality, ".webp"),
        "Pillow": lambda i, t, p: pillow(i, "WEBP", quality=p.quality),
    },
    "avif": {
        "Pillow": lambda i, t, p: pillow(i, "AVIF", quality=p.quality, speed=9, subsampling="4:2:0", max_threads=1),
        "cv2.imencode": lambda i, t, p: opencv(
            i, ".avif", cv2.IMWRITE_AVIF_QUALITY, p.quality, cv2.IMWRITE_AVIF_SPEED, 9
        ),
    },
    "jpeg2000": {
        "Pillow": lambda i, t, p: pillow(i, "JPEG2000", quality_mode="dB", quality_layers=[p.psnr], irreversible=True),
    },
    "chroma_subsampling": {"cv2.COLOR_RGB2YCrCb, cv2.resize": lambda i, t, p: chroma(i, p)},
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
