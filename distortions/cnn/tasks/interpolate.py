"""The task `interpolate`: the frame between two frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bappsmith.distortions.cnn.restoring import restoring_spec
from bappsmith.distortions.cnn.spec import NetworkSpec
from bappsmith.distortions.cnn.task import Channels, Task
from bappsmith.distortions.functional.motion import Motion, frames_of
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.distortions.restoration.frame_interpolation.average_frames import AverageFrames
from bappsmith.distortions.restoration.frame_interpolation.received_frames import received_frames
from bappsmith.distortions.view import View, trimmed

if TYPE_CHECKING:
    from bappsmith.distortions.cnn.bank_operator import BankOperator


class Interpolate(Task):
    """Correct the mean of the frames before and after, given both. The motions are those of `average_frames`."""

    name = "interpolate"
    margin = 24
    steps = (150, 600)
    operators = ("interpolation_network", "sequence_network")

    def operator_classes(self) -> tuple[type[BankOperator], ...]:
        """Return the operators for synthetic motion and for real frames."""
        from bappsmith.distortions.restoration.frame_interpolation.interpolation_network import InterpolationNetwork
        from bappsmith.distortions.restoration.sequence_interpolation.sequence_network import SequenceNetwork

        return InterpolationNetwork, SequenceNetwork

    def spec(self, seed: int, index: int, attempt: int, *, features: bool, steps: tuple[int, int]) -> NetworkSpec:
        """Draw a network that corrects the mean; see `restoring_spec`."""
        drawn = restoring_spec(self.name, seed, index, attempt, features=features, steps=steps)
        return drawn.model_copy(update={"inputs": 9})

    def pair(self, spec: NetworkSpec, crop: Image, draws: Draws) -> tuple[Channels, Image]:
        """Move the patch half a motion to either side."""
        side = crop.shape[0] - 2 * self.margin
        p = AverageFrames().draw(draws.uniform(), draws)
        motion = Motion(p["distance"], p["angle"], int(p["bend"]))
        received = received_frames(*frames_of(View(crop, self.margin, (side, side)), motion))
        inner = slice(self.margin, -self.margin)
        return np.ascontiguousarray(received[inner, inner]), trimmed(crop, self.margin)


TASK = Interpolate()
