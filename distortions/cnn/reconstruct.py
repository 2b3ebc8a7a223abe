"""Run a network so that each output depends only on its input."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .nets.network import Autoencoder

BATCH = 4
"""Images per run. Convolution libraries choose kernels by the shape of the batch, and kernels change the last bits of a
result. So all batches have one shape, padded with zeros, and run on one thread. Batches of four take a fifth less time
than single images. Larger batches gain little and need more padding: a shard has about ten images per network of
a bank of 96."""
SIDE = 64
"""Smallest side of an input, px; smaller images are padded by mirroring."""


def reconstruct(network: Autoencoder, inputs: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Run a network on images of one size.

    Args:
        network: in evaluation mode.
        inputs: float32 H×W×3 each, in about [-1, 1].

    Returns:
        float32 H×W×3 each, in [-1, 1].
    """
    import torch

    from .nets.network import multiple

    height, width = inputs[0].shape[:2]
    step = multiple(network.spec)
    tall, wide = (-(-max(side, SIDE) // step) * step for side in (height, width))
    margin = ((0, tall - height), (0, wide - width), (0, 0))
    padded = [np.pad(image, margin, mode="symmetric" if min(height, width) > 1 else "edge") for image in inputs]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    outputs: list[NDArray[np.float32]] = []
    try:
        with torch.inference_mode():
            for start in range(0, len(padded), BATCH):
                batch = np.zeros((BATCH, tall, wide, 3), np.float32)
                part = padded[start : start + BATCH]
                batch[: len(part)] = part
                output = network(torch.from_numpy(batch).movedim(-1, 1)).movedim(1, -1).numpy()
                outputs += [output[k, :height, :width] for k in range(len(part))]
    finally:
        torch.set_num_threads(threads)
    return outputs
