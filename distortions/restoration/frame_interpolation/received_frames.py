"""What networks that interpolate frames receive and return."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.cnn.bank import Network
from bappsmith.distortions.cnn.levels import to_levels
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.distortions.functional.interpolate_frames import average
from bappsmith.distortions.image import Image

AROUND = 16
"""Px around the patch that a network sees."""


def received_frames(before: Image, after: Image) -> NDArray[np.float32]:
    """Return the mean of two frames and both frames, float32 H×W×9 in [-1, 1]."""
    return np.dstack((average(before, after), before, after)).astype(np.float32) / np.float32(127.5) - 1


def network_between(network: Network, frames: Sequence[tuple[Image, Image]], margins: Sequence[int]) -> list[Image]:
    """Return what a network makes of each pair of frames.

    Args:
        network: of a bank of task `interpolate`.
        frames: before and after, uint8 RGB, all of one size.
        margins: px of each pair that are not in the result; at least `AROUND`.
    """
    inputs: list[NDArray[np.float32]] = []
    for (before, after), margin in zip(frames, margins, strict=True):
        seen = slice(margin - AROUND, AROUND - margin or None)
        inputs.append(received_frames(before[seen, seen], after[seen, seen]))
    inner = slice(AROUND, -AROUND)
    outputs = [output[inner, inner] for output in reconstruct(load_network(network), inputs)]
    return [to_levels(output) for output in outputs]
