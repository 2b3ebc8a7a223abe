"""Codecs of OpenCV, in memory."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.image import Image


def opencv_coded(image: Image, extension: str, *settings: int) -> Image:
    """Encode an image and decode it.

    Args:
        image: uint8 H×W×3 RGB.
        extension: of a file in the format, with its dot.
        settings: of OpenCV's encoder: names and values in turn.

    Returns:
        A new image, uint8 H×W×3 RGB.
    """
    # OpenCV encodes BGR. Without the swap, luma would use the weight of red for blue.
    _, data = cv2.imencode(extension, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
