"""Super-resolution: a person's models, run by ncnn."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bappsmith.distortions.image import Image
from bappsmith.distortions.ncnn.model_folder import ModelFolder, loaded
from bappsmith.distortions.parameters import Choice, Parameter, PerValue
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .reduction import Reduction, reduce_view
from .super_resolution import SuperResolution

_RADIUS = 10
"""Reduced px around the patch that a model receives, as many as the program of Real-ESRGAN puts around its tiles. Most
models pad with zeros beyond, and what these change fades on the way to the patch."""


class SuperresNcnn(SuperResolution):
    """Reduce, then enlarge with one of a person's models. The result of a model of a larger scale is averaged down.

    More severity can be milder: other models may serve another factor.

    Args:
        folder: the models.
        name: of the operator; default: the name of the class.
    """

    source = "a person's models, run by ncnn"
    libraries = ("ncnn",)
    portable = False
    saturates = True

    def __init__(self, folder: ModelFolder, name: str = "") -> None:
        self.name = name or type(self).name
        self.models = {model.name: model for model in folder.models}
        choices: dict[float | int | str | bool, Parameter] = {
            factor: Choice(names, unit="model") for factor, names in folder.by_factor.items()
        }
        self.parameters = {**type(self).parameters, "model": PerValue("factor", choices)}
        self.content = folder.sha256

    def margin(self, side: int, params: Params) -> int:
        """Return three standard deviations of the blur, and what a model receives around the patch.

        More than the other algorithms use does not change the reduced patch or its noise.
        """
        return math.ceil((3 * params["blur"] + _RADIUS) * params["factor"])

    def apply(
        self,
        view: View,
        *,
        factor: int,
        blur: float,
        noise: float,
        phase_y: int,
        phase_x: int,
        sub_seed: int,
        model: str,
    ) -> Image:
        """Reduce the patch with its surroundings, enlarge it, and cut out the patch."""
        small = reduce_view(view, Reduction(factor, blur, noise, (phase_y, phase_x), sub_seed))
        chosen = self.models[model]
        enlarged = loaded(chosen).enlarge(small.image)
        if chosen.scale != factor:
            size = small.image.shape[1] * factor, small.image.shape[0] * factor
            enlarged = cv2.resize(enlarged, size, interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(small.cut(np.rint(enlarged).astype(np.uint8)))
