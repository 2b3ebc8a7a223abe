"""JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from bappsmith.distortions.base import Distortion, Image
from bappsmith.distortions.parameters import Severity
from bappsmith.distortions.registry import register
from bappsmith.manifests.schema.call import Params


@register
class Jpeg(Distortion):
    """Baseline JPEG with 4:2:0 chroma subsampling, encoded and decoded in memory."""

    source = "Zhang et al. 2018, Table 2 (Compression: JPEG); range not published"
    quality = Severity(mild=90.0, severe=5.0, unit="of 100", scale="log")

    def apply(self, image: Image, *, quality: float) -> Image:
        """Compress at `quality`, rounded to a whole number, on libjpeg's scale."""
        # OpenCV encodes BGR. Without the swap, luma would use the weight of red for blue.
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        subsampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
        _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, round(quality), *subsampling])
        decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)

    def library_call(self, image: Image, params: Params) -> Image:
        """Compress with OpenCV alone, red taken for blue."""
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, round(params["quality"])])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
