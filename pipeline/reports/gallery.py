"""Contact sheets: triplets as pictures, with what was done to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as PIL
from PIL import ImageDraw

from bappsmith.manifests.forms.item import StoredItem
from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.schema.call import Chain
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER, SubsetPath
from bappsmith.manifests.schema.triplet import TripletRecord
from bappsmith.pipeline.rendering.png import decode_png

from .caption import LINE, caption_width, write_caption

TILE = 128
"""Side of a patch on the sheet, px: 64-pixel patches appear enlarged twice."""
_GAP, _CAPTION, _MARGIN, _FRAME = 6, 46, 18, 4
_PALE, _CHOSEN = (120, 120, 120), (20, 140, 70)


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
    records = [TripletRecord.from_row(str(where), row) for row in ledger.take(where, chosen)]
    captions = [f"p0  {_describe(record.chain0)}\np1  {_describe(record.chain1)}" for record in records]
    stored = ledger.storage(ledger.run(), where)
    folders = IMAGE_FOLDERS[where.kind]
    width = max(len(folders) * (TILE + _GAP), *map(caption_width, captions)) + _MARGIN
    height = TILE + _CAPTION + _MARGIN
    sheet = PIL.new("RGB", (columns * width + _MARGIN, -(-len(chosen) // columns) * height + _MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (record, item, caption) in enumerate(zip(records, stored.read(chosen), captions, strict=True)):
        x, y = _MARGIN + place % columns * width, _MARGIN + place // columns * height
        _draw_patches(sheet, draw, x, y, item, where, record)
        top = y + TILE + _FRAME + 1
        label = f"{record.index:06d}  {LABEL_FOLDER[where.kind]} {record.judgment:.2f}"
        write_caption(draw, x, top, label, _PALE)
        write_caption(draw, x, top + LINE, caption)
    return sheet


def _draw_patches(
    sheet: PIL.Image,
    draw: ImageDraw.ImageDraw,
    x: int,
    y: int,
    item: StoredItem,
    where: SubsetPath,
    record: TripletRecord,
) -> None:
    closer = None
    if where.kind == "2afc" and record.judgment != 0.5:
        closer = "p1" if record.judgment > 0.5 else "p0"
    for i, folder in enumerate(IMAGE_FOLDERS[where.kind]):
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


def _describe(chain: Chain) -> str:
    """Operators with their severities, such as 'gaussian blur 0.43 + jpeg 0.20'."""
    return (
        " + ".join(f"{call.name.replace('_', ' ')} {call.severity:.2f}" for call in chain.calls) or "as the reference"
    )
