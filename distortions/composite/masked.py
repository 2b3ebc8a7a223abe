"""An operator in a part of the image only."""

from __future__ import annotations

import numpy as np

from bappsmith.distortions.base import Distortion
from bappsmith.distortions.functional.region import KINDS, Region, region_mask
from bappsmith.distortions.image import Image
from bappsmith.distortions.parameters import Choice, Nuisance, SubSeed
from bappsmith.distortions.view import View, trimmed
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.call import Params, Value

from .composite import Composite
from .inner_calls import InnerCalls, inner_params


class Masked(Composite):
    """Another operator, in a part of the image only: a disc, a half-plane, a rectangle or a blob with a soft edge.

    Args:
        name: of the operator.
        operator: the operator that acts inside of the region.
        area: smallest and largest share of the patch that the region covers.
        kinds: forms of regions to draw from.
        source: where the idea comes from, for the catalogue; default: the name of the operator.

    Raises:
        BappsmithError: a kind is unknown, or the shares are not in (0, 1) in rising order.
    """

    family = "custom"

    def __init__(
        self,
        name: str,
        operator: Distortion,
        *,
        area: tuple[float, float] = (0.2, 0.8),
        kinds: tuple[str, ...] = KINDS,
        source: str = "",
    ) -> None:
        for kind in kinds:
            if kind not in KINDS:
                raise BappsmithError(
                    f"masked operator '{name}': unknown kind of region '{kind}'; choose from {', '.join(KINDS)}"
                )
        if not 0 < area[0] < area[1] < 1:
            raise BappsmithError(
                f"masked operator '{name}': area must be two shares in (0, 1), the smaller first, found {area}"
            )
        super().__init__(name, (operator,), source)
        self.parameters = {
            "kind": Choice(kinds, "form of the region"),
            "area": Nuisance(*area, "share of the patch"),
            "edge": Nuisance(0.03, 0.2, "patch, width of the soft edge"),
            "place": SubSeed(),
            "calls": InnerCalls(self.inner),
        }

    def margin(self, side: int, params: Params) -> int:
        """Return the margin of the other operator, px."""
        return self.inner[0].margin(side, inner_params(params["calls"])[0])

    def apply(self, view: View, *, kind: str, area: float, edge: float, place: int, calls: Value) -> Image:
        """Blend image and distorted image by the mask."""
        inner = self.inner[0]
        before = trimmed(view.image, view.margin)
        # An operator that takes no views has no margin, so that its image is the whole view.
        after = inner.distort([view if inner.takes_view else view.image], [inner_params(calls)[0]])[0]
        mask = region_mask(view.shape, view.patch, Region(kind, area, edge * view.side, place))[..., None]
        blended = before + (after.astype(np.float32) - before) * mask
        return np.rint(blended).astype(np.uint8)
