"""The contact sheet of a bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image as PIL
from PIL import ImageDraw

from bappsmith.distortions.cnn.bank import Bank
from bappsmith.distortions.cnn.reconstruct import reconstruct
from bappsmith.distortions.cnn.spec import NetworkSpec
from bappsmith.distortions.cnn.task import Channels, Task, find_task
from bappsmith.distortions.cnn.weights import load_network
from bappsmith.distortions.image import Image
from bappsmith.distortions.random import Draws
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.pipeline.reports.caption import write_caption
from bappsmith.pipeline.sources.index import SourceIndex

from .patches import patch_source

SHOWN = 8
"""Patches per row of the contact sheet."""


def bank_sheet(bank: Bank, sources: SourceIndex, photographs: Sequence[Photograph]) -> PIL.Image:
    """Draw what every network returns for the same patches: the patches in the first row, then a row per network.

    Networks of a task that restores receive the same images, which are in the second row.

    Args:
        bank: the networks.
        sources: where the photographs are.
        photographs: those to cut patches from.

    Returns:
        An RGB image.
    """
    task = find_task(bank.task)
    first = bank.networks[0].spec
    chosen = SourceIndex(sources.root, tuple(photographs[:: max(1, len(photographs) // SHOWN)][:SHOWN]))
    crops = patch_source(chosen, first, 64 + 2 * task.margin, (1.0, 2.0))(Draws(1), SHOWN)
    text, side, gap = 330, 64, 4
    sheet = PIL.new(
        "RGB", (text + SHOWN * (side + gap), (len(bank.networks) + 2 - task.distorts) * (side + gap)), "white"
    )
    pen = ImageDraw.Draw(sheet)
    pairs = [task.pair(first, crop, Draws(1, k)) for k, crop in enumerate(crops)]
    rows: list[tuple[str, list[Image]]] = [("photographs", [patch for _, patch in pairs])]
    if not task.distorts:
        rows.append(("what networks receive", [_levels(received[..., :3]) for received, _ in pairs]))
    for network in bank.networks:
        received = [task.pair(network.spec, crop, Draws(1, k))[0] for k, crop in enumerate(crops)]
        returned = reconstruct(load_network(network), received)
        rows.append((_describe(network.spec, network.record), _images(task, received, returned)))
    for row, (name, images) in enumerate(rows):
        top = row * (side + gap)
        write_caption(pen, 4, top + 4, name)
        for column, image in enumerate(images):
            sheet.paste(PIL.fromarray(image), (text + column * (side + gap), top))
    return sheet


def _images(task: Task, received: Sequence[Channels], returned: Sequence[Channels]) -> list[Image]:
    import torch

    tensors = [torch.from_numpy(np.stack(one)).movedim(-1, 1) for one in (received, returned)]
    return [_levels(image) for image in task.images(*tensors).movedim(1, -1).numpy()]


def _levels(image: Channels) -> Image:
    """Return the levels of an image in [-1, 1]; a single channel as grey."""
    levels = np.rint(np.clip((image + 1) * 127.5, 0, 255)).astype(np.uint8)
    return np.broadcast_to(levels, (*levels.shape[:2], 3)).copy()


def _describe(drawn: NetworkSpec, record: dict[str, Any]) -> str:
    corruption = f"{drawn.corruption.replace('_', ' ')} {drawn.amount:.2f}, " if drawn.corruption != "none" else ""
    return (
        f"{corruption}error {record['error']:.0f} levels, "
        f"{drawn.steps} steps\n"
        f"{drawn.levels} levels, {drawn.skips} skips{', top skip' * drawn.top_skip}, stride {drawn.first_stride}, "
        f"{drawn.first_width} to {drawn.largest_width} wide\n"
        f"{drawn.upsampling}, norm {drawn.normalization}, dropout {drawn.dropout_layers}\n"
        f"{drawn.losses()}"
    )
