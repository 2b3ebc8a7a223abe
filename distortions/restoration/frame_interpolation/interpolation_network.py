"""Frame interpolation: a network of a bank."""

# pyright: reportIncompatibleMethodOverride=false
# `apply` takes one parameter more than that of the base class.

from __future__ import annotations

from collections.abc import Sequence

from bappsmith.distortions.cnn.bank_operator import BankOperator
from bappsmith.distortions.cnn.grouping import in_groups
from bappsmith.distortions.functional.motion import Motion, frames_of
from bappsmith.distortions.image import Image
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .frame_interpolation import FrameInterpolation
from .received_frames import network_between


class InterpolationNetwork(FrameInterpolation, BankOperator):
    """A network that corrects the mean of the frames before and after, given both.

    It learnt small motions: larger ones stay doubled, or are blurred. Networks with an adversarial loss invent detail.
    """

    source = "ours; the middle frame from both frames at once, after Long et al. 2016 (ECCV)"
    task = "interpolate"

    def apply(self, view: View, *, distance: float, angle: float, bend: int, network: str) -> Image:
        """Apply to one patch; see the class."""
        params: Params = {"distance": distance, "angle": angle, "bend": bend, "network": network}
        return self.apply_batch([view], [params])[0]

    def apply_batch(self, images: Sequence[View], params: Sequence[Params]) -> list[Image]:
        """Run patches with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            motions = [Motion(params[i]["distance"], params[i]["angle"], int(params[i]["bend"])) for i in members]
            frames = [frames_of(images[i], motion) for i, motion in zip(members, motions, strict=True)]
            network = self.networks[str(params[members[0]]["network"])]
            return network_between(network, frames, [images[i].margin for i in members])

        return in_groups([(v["network"], view.shape) for view, v in zip(images, params, strict=True)], apply)
