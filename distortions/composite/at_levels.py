"""An operator once more, at the levels that a publication gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Parameter
from bappsmith.distortions.view import View
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Params, Value

from .composite import Composite


class AtLevels(Composite):
    """Another operator, with some of its parameters declared anew: at published levels, or at one value.

    Severity runs through the levels. It is not calibrated, because the publication gives the levels.

    Args:
        name: of the operator.
        operator: the operator that acts.
        source: the publication, and where it gives the levels.
        parameters: name of a parameter of the operator → its new declaration. The others stay as they are.

    Raises:
        BappsmithError: the operator has no parameter of that name.
    """

    family = "published"
    calibrated = False

    def __init__(self, name: str, operator: Distortion, source: str, **parameters: Parameter) -> None:
        for key in parameters:
            if key not in operator.parameters:
                raise BappsmithError(
                    f"operator '{name}': {operator.name} has no parameter '{key}'; "
                    f"choose from {', '.join(operator.parameters)}"
                )
        super().__init__(name, (operator,), source)
        self.parameters = {**operator.parameters, **parameters}
        self.__doc__ = operator.__doc__

    def margin(self, side: int, params: Params) -> int:
        """Return the margin of the other operator, px."""
        return self.inner[0].margin(side, params)

    def apply(self, view: View, **values: Value) -> Image:
        """Apply the other operator."""
        return self.apply_batch([view], [values])[0]

    def apply_batch(self, images: Sequence[Any], params: Sequence[Params]) -> list[Image]:
        """Apply the other operator to many views at once."""
        inner = self.inner[0]
        # An operator that takes no views has no margin, so that its image is the whole view.
        return inner.distort([view if inner.takes_view else view.image for view in images], params)
