"""The contact sheet of a bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image as PIL
from PIL import ImageDraw

from bappsmith.distortions.cnn.bank import Bank
from bappsmith.distortions.cnn.denoiser import Denoiser
from bappsmith.distortions.cnn.spec import NetworkSpec
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

    Args:
        bank: the networks.
        sources: where the photographs are.
        photographs: those to cut patches from.

    Returns:
        An RGB image.
    """
    denoiser = Denoiser(bank)
    first = bank.networks[0].spec
    draws = Draws(1)
    chosen = SourceIndex(sources.root, tuple(photographs[:: max(1, len(photographs) // SHOWN)][:SHOWN]))
    patches = patch_source(chosen, first, 64, (1.0, 2.0))(draws, SHOWN)
    text, side, gap = 330, 64, 4
    sheet = PIL.new("RGB", (text + SHOWN * (side + gap), (len(bank.networks) + 1) * (side + gap)), "white")
    pen = ImageDraw.Draw(sheet)
    rows: list[tuple[str, list[Image]]] = [("photographs", patches)]
    for network in bank.networks:
        # At the level of its own error an image shows exactly what the network returns.
        params = {"network": network.id, "level": network.error, "corruption": 1.0}
        calls = [{**params, "sub_seed": k} for k in range(SHOWN)]
        rows.append((_describe(network.spec, network.record), denoiser.apply_batch(patches, calls)))
    for row, (name, images) in enumerate(rows):
        top = row * (side + gap)
        write_caption(pen, 4, top + 4, name)
        for column, image in enumerate(images):
            sheet.paste(PIL.fromarray(image), (text + column * (side + gap), top))
    return sheet


def _describe(drawn: NetworkSpec, record: dict[str, Any]) -> str:
    losses = {
        "L1": drawn.l1_weight,
        "features": drawn.feature_weight,
        "MS-SSIM": drawn.ms_ssim_weight,
        f"critic of {drawn.discriminator_layers}": drawn.discriminator_weight,
    }
    return (
        f"{drawn.corruption.replace('_', ' ')} {drawn.amount:.2f}, error {record['error']:.0f} levels, "
        f"{drawn.steps} steps\n"
        f"{drawn.levels} levels, {drawn.skips} skips{', top skip' * drawn.top_skip}, stride {drawn.first_stride}, "
        f"{drawn.first_width} to {drawn.largest_width} wide\n"
        f"{drawn.upsampling}, norm {drawn.normalization}, dropout {drawn.dropout_layers}\n"
        + ", ".join(f"{name} {weight:g}" for name, weight in losses.items() if weight)
    )
