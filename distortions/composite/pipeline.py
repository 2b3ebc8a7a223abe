"""Operators one after the other as one operator."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.image import Image, check_image
from bappsmith.distortions.view import View, surrounded, trimmed
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Params, Value

from .composite import Composite
from .inner_calls import InnerCalls, inner_params
from .step import Step


class Pipeline(Composite):
    """Operators one after the other, as one operator. Inside, size and colour space may change; see `Step`.

    All steps are drawn at the severity of the whole. The margins of the steps add up.

    Args:
        name: of the operator.
        steps: first to last.
        source: where the idea comes from, for the catalogue; default: the names of the steps.

    Raises:
        BappsmithError: there is no step.
    """

    family = "custom"

    def __init__(self, name: str, steps: Sequence[Distortion], *, source: str = "") -> None:
        if not steps:
            raise BappsmithError(f"pipeline '{name}': found no step; give at least one operator")
        super().__init__(name, tuple(steps), source)
        self.parameters = {"steps": InnerCalls(self.inner)}

    def margin(self, side: int, params: Params) -> int:
        """Return the margins of all steps together, px of the pipeline's image."""
        margins: list[float] = []
        scale = 1.0
        for step, values in zip(self.inner, inner_params(params["steps"]), strict=True):
            margins.append(scale * step.margin(max(1, round(side / scale)), values))
            scale *= step.scale(values) if isinstance(step, Step) else 1.0
        later = 0.0
        for margin in reversed(margins):
            # A step works on more than the patch, and a displacement can grow with the distance from the centre.
            later += margin * (1 + 2 * later / side)
        return math.ceil(later)

    def apply(self, view: View, *, steps: Value) -> Image:
        """Apply all steps to the whole view. What their mirrored surroundings reach is trimmed at the end.

        Raises:
            BappsmithError: the result of a step is not an image, or the last step does not return to the first size.
        """
        shape = view.image.shape[:2]
        image = view.image
        for step, values in zip(self.inner, inner_params(steps), strict=True):
            image = _applied(step, image, values, shape, view.patch)
            check_image(image, f"pipeline '{self.name}', result of '{step.name}'")
        if image.shape[:2] != shape:
            raise BappsmithError(
                f"pipeline '{self.name}' must end with the size it began with, {shape[0]}×{shape[1]} px, "
                f"found {image.shape[0]}×{image.shape[1]}; resize in the last step"
            )
        return trimmed(image, view.margin)


def _applied(step: Distortion, image: Image, params: Params, shape: tuple[int, int], patch: tuple[int, int]) -> Image:
    if isinstance(step, Step):
        return step.apply(image, shape, **params)
    if not step.takes_view:
        return step.distort([image], [params])[0]
    height, width = (
        max(1, round(side * now / first)) for side, now, first in zip(patch, image.shape, shape, strict=False)
    )
    margin = step.margin(min(height, width), params)
    return step.distort([View(surrounded(image, margin), margin, (height, width))], [params])[0]
