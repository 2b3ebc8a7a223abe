"""Interpolation of real frames: a network of a bank."""

# pyright: reportIncompatibleMethodOverride=false
# `apply` takes one parameter more than that of the base class.

from __future__ import annotations

from collections.abc import Sequence

from bappsmith.distortions.cnn.bank_operator import BankOperator
from bappsmith.distortions.cnn.grouping import in_groups
from bappsmith.distortions.image import Image
from bappsmith.distortions.restoration.frame_interpolation.received_frames import network_between
from bappsmith.distortions.view import View
from bappsmith.manifests.schema.call import Params

from .sequence_interpolation import SequenceInterpolation


class SequenceNetwork(SequenceInterpolation, BankOperator):
    """A network that corrects the mean of the real frames before and after, given both."""

    source = "ours; the middle frame from both frames at once, after Long et al. 2016 (ECCV)"
    task = "interpolate"

    def apply(self, view: View, *, before: str, after: str, network: str) -> Image:
        """Apply to one patch; see the class."""
        return self.apply_batch([view], [{"before": before, "after": after, "network": network}])[0]

    def apply_batch(self, images: Sequence[View], params: Sequence[Params]) -> list[Image]:
        """Run patches with the same network and size together. Results do not depend on the grouping."""

        def apply(members: list[int]) -> list[Image]:
            frames = [(images[i].frames[0], images[i].frames[1]) for i in members]
            network = self.networks[str(params[members[0]]["network"])]
            return network_between(network, frames, [images[i].margin for i in members])

        return in_groups([(v["network"], view.shape) for view, v in zip(images, params, strict=True)], apply)
