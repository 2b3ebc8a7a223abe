"""CSIQ (Larson and Chandler 2010): scores as text beside src_imgs/ and dst_imgs/."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .files import images_by_stem, number, read_text
from .mos_set import MosItem, MosSet

SCORES = ("csiq_dmos.csv", "csiq_dmos.txt", "csiq_label.txt", "csiq.DMOS.csv", "csiq.DMOS.txt")
"""Names of files with scores as text. The first that exists is read."""
MARKER = "src_imgs"
TYPES = {
    "awgn": "white noise",
    "noise": "white noise",
    "blur": "Gaussian blur",
    "contrast": "contrast change",
    "fnoise": "pink noise",
    "jpeg": "JPEG",
    "jpeg2000": "JPEG 2000",
}
"""Type in lower case, without spaces, as the table and the names of files have it → name."""


def read_csiq(root: Path) -> MosSet:
    """Read the folder of CSIQ.

    The published spreadsheet csiq.DMOS.xlsx is not read: save its sheet all_by_image as CSV or text, csiq_dmos.csv. Its
    lines are `image, dst_idx, dst_type, dst_lev, dmos_std, dmos`, separated by commas or spaces. Lines such as
    `1600.AWGN.1.png 0.062`, as in csiq_label.txt, are read too. Scores are DMOS, higher for worse images. Distorted
    images are anywhere in dst_imgs, such as dst_imgs/awgn/1600.AWGN.1.png.

    Raises:
        BappsmithError: no file has the scores as text, or a line has another form.
    """
    path = next((root / name for name in SCORES if (root / name).exists()), None)
    if path is None:
        raise BappsmithError(
            f"{root}: CSIQ's scores are read as text, not from csiq.DMOS.xlsx; save its sheet all_by_image as "
            f"{SCORES[0]}"
        )
    references, distorted = images_by_stem(root / "src_imgs"), images_by_stem(root / "dst_imgs")
    items = []
    for line, text in enumerate(read_text(path).splitlines(), start=1):
        cells = text.replace(",", " ").split()
        if not cells or "image" in cells:  # empty, or the headings of the spreadsheet
            continue
        image, kind, level, score = _parse(cells, path, line)
        token = "awgn" if kind == "noise" else kind
        items.append(
            MosItem(
                references.get(image.lower(), root / "src_imgs" / f"{image}.png"),
                distorted.get(
                    f"{image}.{token}.{level}".lower(), root / "dst_imgs" / token / f"{image}.{token}.{level}.png"
                ),
                number(score, path, line),
                TYPES[kind],
                level,
            )
        )
    return MosSet("CSIQ", root, False, tuple(items))


def _parse(cells: list[str], path: Path, line: int) -> tuple[str, str, str, str]:
    """Return image, type, level and score of a line."""
    if len(cells) == 2:
        image, kind, level = [*cells[0].removesuffix(".png").split("."), "", ""][:3]
        kind, score = kind.lower(), cells[1]
    elif len(cells) >= 6:  # the type "jpeg 2000" has a space
        image, kind, level, score = cells[0], "".join(cells[2:-3]).lower(), cells[-3], cells[-1]
    else:
        kind = image = level = score = ""
    if kind not in TYPES:
        raise BappsmithError(
            f"{path}: line {line}: image, dst_idx, dst_type, dst_lev, dmos_std and dmos, or a name such as "
            f"1600.AWGN.1.png and a score, are needed, found '{printable(' '.join(cells), 60)}'; save the sheet "
            "all_by_image again"
        )
    return image, kind, level.partition(".")[0], score
