"""Equivalents of the operators of `camera` in other libraries."""

from __future__ import annotations

from typing import Any

import albumentations.augmentations.pixel.functional as ap
import cv2
import numpy as np
from collect_peers import Peer

from bappsmith.distortions import Image

CODES = {
    "bilinear": cv2.COLOR_BayerRGGB2RGB,
    "edge-aware": cv2.COLOR_BayerRGGB2RGB_EA,
    "VNG": cv2.COLOR_BayerRGGB2RGB_VNG,
}


def through_mosaic(i: Image, p: Any) -> Any:
    """Resize, keep one channel per pixel, interpolate, and resize back."""
    size = [round(side / p.pitch) for side in i.shape[1::-1]]
    seen = cv2.resize(i, size, interpolation=cv2.INTER_AREA if p.pitch > 1 else cv2.INTER_LANCZOS4)
    raw = seen[..., 1].copy()
    raw[::2, ::2], raw[1::2, 1::2] = seen[::2, ::2, 0], seen[1::2, 1::2, 2]
    return cv2.resize(cv2.demosaicing(raw, CODES[p.algorithm]), i.shape[1::-1])


PEERS: dict[str, dict[str, Peer]] = {
    # Ours works on 9 px more on each side, and on four patterns.
    "demosaicing": {"cv2.demosaicing, cv2.resize": lambda i, t, p: through_mosaic(i, p)},
    # It only adds noise to lightness and hue: a tenth of the steps.
    "sensor_pipeline": {
        "albumentations iso_noise": lambda i, t, p: ap.iso_noise(i, 0.05, 0.5, np.random.default_rng(0)),
    },
}
"""Operator → name of the peer → peer, given the image, the same as a tensor, and the parameters."""
