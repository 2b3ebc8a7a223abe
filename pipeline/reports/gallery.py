"""Draw contact sheets: triplets as pictures, with their distortions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PIL
from PIL import ImageDraw

from bappsmith.manifests.dataset import Dataset
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.subset_path import LABEL_FOLDER, SubsetPath

from .caption import LINE, caption_width, write_caption

TILE = 128
"""Side of a patch on the sheet, px: patches of 64 px are enlarged twice."""
_GAP, _CAPTION, _MARGIN, _FRAME = 6, 46, 18, 4
_PALE, _CHOSEN = (120, 120, 120), (20, 140, 70)


def contact_sheet(
    dataset: str | Path, subset: str, *, columns: int = 3, rows: int = 8, indices: Sequence[int] | None = None
) -> PIL.Image:
    """Draw items of a subset of a sealed dataset.

    A green frame marks the patch that was judged closer; there is no frame if the judgment is 0.5, or in JND.

    Args:
        dataset: folder or address of the dataset.
        subset: path of the subset, such as 2afc/train/traditional.
        columns: number of items in a row.
        rows: number of rows, if no items are given.
        indices: positions of the items to draw; None: items at even intervals.

    Returns:
        An RGB image.

    Raises:
        BappsmithError: the dataset is not sealed or has no such subset.
    """
    sealed = Dataset(dataset).sealed(subset)
    last = len(sealed) - 1
    spread = np.unique(np.linspace(0, last, columns * rows).round().astype(int)).tolist()
    chosen: list[int] = spread if indices is None else list(indices)
    plans = [row.plan for row in sealed.take(chosen)]
    shares = sealed.labels().shares
    captions = [f"p0  {_describe(plan.chain0)}\np1  {_describe(plan.chain1)}" for plan in plans]
    width = max(len(sealed.folders) * (TILE + _GAP), *map(caption_width, captions)) + _MARGIN
    height = TILE + _CAPTION + _MARGIN
    sheet = PIL.new("RGB", (columns * width + _MARGIN, -(-len(chosen) // columns) * height + _MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    for position, (index, item, caption) in enumerate(zip(chosen, sealed.storage.read(chosen), captions, strict=True)):
        x, y = _MARGIN + position % columns * width, _MARGIN + position // columns * height
        share = float(shares[index])
        _draw_patches(sheet, draw, x, y, sealed.decode(item), _closer(sealed.path, share))
        top = y + TILE + _FRAME + 1
        write_caption(draw, x, top, f"{index:06d}  {LABEL_FOLDER[sealed.kind]} {share:.2f}", _PALE)
        write_caption(draw, x, top + LINE, caption)
    return sheet


def _closer(path: SubsetPath, share: float) -> str | None:
    """Return the patch that was judged closer; None if neither was."""
    if path.kind != "2afc" or share == 0.5:
        return None
    return "p1" if share > 0.5 else "p0"


def _draw_patches(
    sheet: PIL.Image,
    draw: ImageDraw.ImageDraw,
    x: int,
    y: int,
    images: Mapping[str, NDArray[np.uint8]],
    closer: str | None,
) -> None:
    for i, (folder, pixels) in enumerate(images.items()):
        patch = PIL.fromarray(pixels).resize((TILE, TILE), PIL.Resampling.NEAREST)
        left = x + i * (TILE + _GAP)
        if folder == closer:
            box = (left - _FRAME, y - _FRAME, left + TILE + _FRAME - 1, y + TILE + _FRAME - 1)
            draw.rectangle(box, fill=_CHOSEN)
        sheet.paste(patch, (left, y))


def _describe(chain: Chain) -> str:
    """Return operators with severities, such as 'gaussian blur 0.43 + jpeg 0.20'."""
    return (
        " + ".join(f"{call.name.replace('_', ' ')} {call.severity:.2f}" for call in chain.calls) or "as the reference"
    )
