"""Run a network so that each output depends only on its input."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bappsmith.distortions.random import normal_field

if TYPE_CHECKING:
    from torch import Tensor

    from .nets.network import Autoencoder

BATCH = 4
"""Images per run. The remaining images of a group run one by one. A batch takes a third less time than its images
alone; larger batches gain little."""
SIDE = 64
"""Smallest side of an input, px; smaller images are padded by mirroring."""
_exact: dict[tuple[object, ...], bool] = {}
"""Architecture, height and width → whether batches are exact."""


def reconstruct(
    network: Autoencoder, inputs: Sequence[NDArray[np.float32]], weights: Mapping[str, Tensor] | None = None
) -> list[NDArray[np.float32]]:
    """Run a network on images of one size, on one thread.

    Args:
        network: in evaluation mode.
        inputs: float32 H×W×inputs each, in about [-1, 1].
        weights: name → values that take the place of the network's own.

    Returns:
        float32 H×W×outputs each, in [-1, 1].
    """
    import torch

    from bappsmith.lpips.cores import one_core

    from .nets.network import multiple

    height, width = inputs[0].shape[:2]
    step = multiple(network.spec)
    tall, wide = (-(-max(side, SIDE) // step) * step for side in (height, width))
    margin = ((0, tall - height), (0, wide - width), (0, 0))
    if (tall, wide) != (height, width):
        inputs = [np.pad(image, margin, mode="symmetric" if min(height, width) > 1 else "edge") for image in inputs]
    outputs: list[NDArray[np.float32]] = []
    with one_core(), torch.inference_mode():
        run = _runner(network, weights)
        size = BATCH if len(inputs) >= BATCH and _batches_are_exact(network, tall, wide) else 1
        whole = len(inputs) // size * size
        parts = [inputs[k : k + size] for k in range(0, whole, size)] + [[image] for image in inputs[whole:]]
        for part in parts:
            outputs.extend(run(np.stack(part))[:, :height, :width])
    return outputs


def _runner(
    network: Autoencoder, weights: Mapping[str, Tensor] | None = None
) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return a function that runs the network on a batch N×H×W×inputs."""
    import torch
    from torch.func import functional_call

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        images = torch.from_numpy(batch).movedim(-1, 1)
        output = network(images) if weights is None else functional_call(network, dict(weights), (images,))
        return output.movedim(1, -1).numpy()

    return run


def _batches_are_exact(network: Autoencoder, height: int, width: int) -> bool:
    """Return whether a batch gives the very numbers that its images give alone.

    Libraries choose kernels by the shape of a batch, and another kernel may round otherwise. So this is tried once
    per architecture and size in every process, with noise. The answer does not change the results, only their time.
    """
    key = (network.spec.architecture(), height, width)
    if key not in _exact:
        run = _runner(network)
        batch = normal_field(0, (BATCH, height, width, network.spec.inputs)) * np.float32(0.5)
        _exact[key] = np.array_equal(run(batch)[-1:], run(batch[-1:]))
    return _exact[key]
