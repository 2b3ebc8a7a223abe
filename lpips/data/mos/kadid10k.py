"""KADID-10k (Lin, Hosu and Saupe 2019): dmos.csv beside images/."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .files import number, read_rows
from .mos_set import MosItem, MosSet

MARKER = "dmos.csv"
TYPES = (
    "Gaussian blur",
    "lens blur",
    "motion blur",
    "colour diffusion",
    "colour shift",
    "colour quantization",
    "colour saturation 1",
    "colour saturation 2",
    "JPEG 2000",
    "JPEG",
    "white noise",
    "white noise in colour component",
    "impulse noise",
    "multiplicative noise",
    "denoise",
    "brighten",
    "darken",
    "mean shift",
    "jitter",
    "non-eccentricity patch",
    "pixelate",
    "quantization",
    "colour block",
    "high sharpen",
    "contrast change",
)
"""Types in the order of their numbers, from 1."""


def read_kadid10k(root: Path) -> MosSet:
    """Read the folder kadid10k.

    Lines of dmos.csv are `dist_img,ref_img,dmos,var`, names are I01_TYPE_LEVEL.png. In spite of its name, the column
    dmos is higher for better images (1 to 5).

    Raises:
        BappsmithError: dmos.csv has other columns, or a score is no number.
    """
    path = root / MARKER
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    if header[:3] != ["dist_img", "ref_img", "dmos"]:
        raise BappsmithError(
            f"{path}: KADID-10k has the columns dist_img,ref_img,dmos,var, found '{printable(','.join(header), 80)}'; "
            "restore the file, or give a CSV file of your own by its path"
        )
    items = []
    for line, cells in rows:
        if len(cells) < 3:
            raise BappsmithError(f"{path}: line {line} has {len(cells)} cells, 4 are needed; restore the file")
        _, _, rest = Path(cells[0]).stem.partition("_")
        kind, _, level = rest.partition("_")
        known = kind.isdecimal() and 1 <= int(kind) <= len(TYPES)
        name = TYPES[int(kind) - 1] if known else kind
        folder = root / "images"
        score = number(cells[2], path, line)
        items.append(MosItem(folder / cells[1], folder / cells[0], score, name, level.lstrip("0")))
    return MosSet("KADID-10k", root, True, tuple(items))
