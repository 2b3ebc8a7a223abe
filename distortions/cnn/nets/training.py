"""Train one network, and decide whether it is useful."""

# pyright: reportUnknownMemberType=false
# torch leaves parameters of these functions without a type.

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bappsmith.distortions.cnn.corrupt import corrupt
from bappsmith.distortions.cnn.spec import NetworkSpec
from bappsmith.distortions.cnn.task import Task, find_task
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.lpips.evaluation.baselines import ms_ssim

from .network import Autoencoder, discriminator

BATCH = 8
"""Patches per step. Few make a step short; long training is not needed for useful artefacts."""
JUDGED = 64
"""Patches for the decision about a trained network."""
FAITHFUL, LOST, GREY, RIM = 3.0, 60.0, 0.35, 1.4
"""A network is rejected if its root mean square error, in levels of 255, is below `FAITHFUL` (it returns its input;
only where it is there to distort) or above `LOST` (it returns something else), if its contrast is below `GREY` times
that of the patch (it returns grey), or if the error of the outermost pixels is above `RIM` times that of the others (it
draws a rim, which a metric could learn; the bar on any patches is 1.5). Chosen by us; see docs/bank.md for what
networks reach."""

Patches = Callable[[Draws, int], list[Image]]
"""(stream, n) → n patches, uint8 H×W×3 RGB."""


@dataclass(frozen=True)
class Trained:
    """A network after training.

    Attributes:
        network: in evaluation mode.
        record: loss, error in levels of 255, contrast as a share of the input's, and rim, the error of the outermost
            pixels over that of the others; JSON values.
        fault: why it is rejected; empty if it is kept.
    """

    network: Autoencoder
    record: dict[str, Any]
    fault: str


def train_network(spec: NetworkSpec, patches: Patches, *, features: torch.nn.Module | None = None) -> Trained:
    """Train a network on the CPU. Equal arguments give equal weights on one machine with one number of threads.

    A GPU adds gradients in another order each time, so that no training could be repeated there. It saves little: four
    networks of 150 steps beside each other took 21 s with an H200, and 31 s on four cores.

    Args:
        spec: the network.
        patches: gives patches of train photographs, with the surroundings that the task asks for.
        features: the feature loss: two batches N×3×H×W in [-1, 1] → distances.
    """
    network = Autoencoder(spec).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=spec.learning_rate)
    critic = discriminator(spec.discriminator_layers, spec.seed + 1)
    opposing = torch.optim.Adam(critic.parameters(), lr=spec.learning_rate, betas=(0.5, 0.999))
    task, draws = find_task(spec.task), Draws(spec.seed, 1)
    last = math.nan
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)  # dropout
        for step in range(spec.steps):
            clean, received = _batch(task, spec, patches, draws, BATCH)
            returned = network(received)
            output = task.images(received, returned)
            loss = spec.l1_weight * task.pixel_loss(received, returned, clean)
            if spec.ms_ssim_weight:
                loss = loss + spec.ms_ssim_weight * ms_ssim(clean, output).mean()
            if spec.feature_weight and features is not None:
                loss = loss + spec.feature_weight * features(clean, output).mean()
            if spec.discriminator_weight:
                loss = loss + spec.discriminator_weight * (critic(output) - 1).square().mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            if spec.discriminator_weight:
                critic_loss = (critic(clean) - 1).square().mean() + critic(output.detach()).square().mean()
                opposing.zero_grad()
                critic_loss.backward()
                opposing.step()
            if step % 16 == 0 or step == spec.steps - 1:
                last = loss.item()
                if not math.isfinite(last):
                    break
    network = network.eval()
    record = {"loss": round(last, 6) if math.isfinite(last) else None}
    return _judge(network, record, patches)


def _judge(network: Autoencoder, record: dict[str, Any], patches: Patches) -> Trained:
    task = find_task(network.spec.task)
    clean, received = _batch(task, network.spec, patches, Draws(network.spec.seed, 2), JUDGED)
    with torch.inference_mode():
        output = task.images(received, network(received))
    if record["loss"] is None or not output.isfinite().all():
        return Trained(network, record, "it diverged")
    error = float((output - clean).square().mean(dim=(1, 2, 3)).sqrt().median()) * 127.5
    contrast = float((output.std(dim=(1, 2, 3)) / clean.std(dim=(1, 2, 3)).clamp(min=0.02)).median())
    squares = (output - clean).square()
    inner = squares[:, :, 1:-1, 1:-1]
    outer = (squares.sum() - inner.sum()) / (squares.numel() - inner.numel())
    rim = float((outer / inner.mean().clamp(min=1e-9)).sqrt())
    record |= {"error": round(error, 3), "contrast": round(contrast, 3), "rim": round(rim, 3)}
    if task.distorts and error < FAITHFUL:
        return Trained(network, record, f"it returns its input (error {error:.1f} levels)")
    if contrast < GREY:
        return Trained(network, record, f"it returns grey (contrast {contrast:.2f} of the input's)")
    if error > LOST:
        return Trained(network, record, f"it returns something else (error {error:.1f} levels)")
    if rim > RIM:
        return Trained(network, record, f"it draws a rim (error there {rim:.2f} times that of the inside)")
    return Trained(network, record, "")


def _batch(task: Task, spec: NetworkSpec, patches: Patches, draws: Draws, count: int) -> tuple[Tensor, Tensor]:
    """Return clean patches, N×3×H×W, and what networks receive, N×inputs×H×W; floats in about [-1, 1]."""
    pairs = [task.pair(spec, crop, draws) for crop in patches(draws, count)]
    clean = [corrupt(patch, "none", 0, 0) for _, patch in pairs]
    return _tensor(clean), _tensor([received for received, _ in pairs])


def _tensor(images: list[NDArray[np.float32]]) -> Tensor:
    return torch.from_numpy(np.stack(images)).movedim(-1, 1)
