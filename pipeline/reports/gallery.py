"""Contact sheets: triplets as pictures, with what was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PIL
from PIL import ImageDraw, ImageFont

from bappsmith.manifests.forms.item import StoredItem
from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.pipeline.rendering.png import decode_png

TILE = 128
"""Side of a patch on the sheet, px: 64-pixel patches appear enlarged twice."""
_GAP, _CAPTION, _MARGIN, _FRAME = 6, 46, 18, 4
_INK, _PALE, _CHOSEN = (30, 30, 30), (120, 120, 120), (20, 140, 70)


def contact_sheet(dataset: str | Path, subset: str, *, columns: int = 3, rows: int = 8) -> PIL.Image:
    """Items spread evenly over a subset of a sealed dataset.

    The patch that was judged the closer is framed in green; where neither was, none is.

    Args:
        dataset: its folder.
        subset: such as 2afc/train/traditional.
        columns: items side by side.
        rows: items below each other.

    Returns:
        An RGB image.

    Raises:
        BappsmithError: the dataset is not sealed or has no such subset.
    """
    ledger = Ledger(dataset)
    where = SubsetPath.parse(subset)
    total = ledger.seal_data()["subsets"].get(str(where), 0)
    chosen = np.unique(np.linspace(0, max(0, total - 1), columns * rows).round().astype(int)).tolist()
    rows_of_chosen = ledger.take(where, chosen)
    stored = ledger.storage(ledger.run(), where)
    folders = IMAGE_FOLDERS[where.kind]
    width = len(folders) * (TILE + _GAP) + _MARGIN
    height = TILE + _CAPTION + _MARGIN
    sheet = PIL.new("RGB", (columns * width + _MARGIN, -(-len(chosen) // columns) * height + _MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (row, item) in enumerate(zip(rows_of_chosen, stored.read(chosen), strict=True)):
        x, y = _MARGIN + place % columns * width, _MARGIN + place // columns * height
        _item(sheet, draw, x, y, item, where, folders, row)
    return sheet


def _item(
    sheet: PIL.Image,
    draw: ImageDraw.ImageDraw,
    x: int,
    y: int,
    item: StoredItem,
    where: SubsetPath,
    folders: Sequence[str],
    row: dict[str, Any],
) -> None:
    record = TripletRecord.from_row(str(where), row)
    closer = None
    if where.kind == "2afc" and record.judgment != 0.5:
        closer = "p1" if record.judgment > 0.5 else "p0"
    for i, folder in enumerate(folders):
        if folder in item.pixels:
            pixels = item.pixels[folder]
        else:
            pixels = decode_png(item.files.get(folder, b""), f"{where} {record.index}, {folder}")
        patch = PIL.fromarray(pixels).resize((TILE, TILE), PIL.Resampling.NEAREST)
        left = x + i * (TILE + _GAP)
        if folder == closer:
            box = (left - _FRAME, y - _FRAME, left + TILE + _FRAME - 1, y + TILE + _FRAME - 1)
            draw.rectangle(box, fill=_CHOSEN)
        sheet.paste(patch, (left, y))
    font = ImageFont.load_default(11)
    label = LABEL_FOLDER[where.kind]
    lines = [(f"{record.index:06d}   {label} {record.judgment:.2f}", _PALE)]
    lines += [(f"{side}  {_describe(chain)}", _INK) for side, chain in (("p0", record.chain0), ("p1", record.chain1))]
    for i, (text, colour) in enumerate(lines):
        draw.text((x, y + TILE + _FRAME + 1 + i * 13), text, fill=colour, font=font)


def _describe(chain: Chain) -> str:
    """Operators with their severities, such as 'gaussian blur .43 + jpeg .20'."""
    parts = (f"{call.name.replace('_', ' ')} {call.severity:.2f}".replace(" 0.", " .") for call in chain.calls)
    return " + ".join(parts) or "as the reference"
