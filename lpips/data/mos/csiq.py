"""CSIQ (Larson and Chandler 2010): scores in a spreadsheet or as text beside src_imgs/ and dst_imgs/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .files import images_by_stem, number, read_text
from .mos_set import MosItem, MosSet
from .spreadsheet import read_sheet

SHEET, COLUMNS = "all_by_image", ("image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos")
"""Sheet of the published spreadsheet, and its columns."""
SCORES = ("csiq.DMOS.xlsx", "csiq_dmos.csv", "csiq_dmos.txt", "csiq_label.txt")
"""Names of files with scores: the published spreadsheet, or text. The first that exists is read."""
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

    Scores are in the spreadsheet csiq.DMOS.xlsx, or in a text file with the same columns, separated by commas or
    spaces, or with lines such as `1600.AWGN.1.png 0.062`. They are DMOS, higher for worse images. Distorted images are
    anywhere in dst_imgs, such as dst_imgs/awgn/1600.AWGN.1.png.

    Raises:
        BappsmithError: no file has the scores, it is damaged, or a line has another form.
    """
    path = next((root / name for name in SCORES if (root / name).exists()), None)
    if path is None:
        raise BappsmithError(f"{root}: CSIQ has its scores in one of {', '.join(SCORES)}; add one of them")
    references, distorted = images_by_stem(root / "src_imgs"), images_by_stem(root / "dst_imgs")
    items = []
    lines = _sheet_rows(path) if path.suffix == ".xlsx" else _text_rows(path)
    for line, cells in lines:
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


def _text_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    for line, text in enumerate(read_text(path).splitlines(), start=1):
        cells = text.replace(",", " ").split()
        if cells and "image" not in cells:  # neither empty nor the headings
            yield line, cells


def _sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    rows = read_sheet(path, SHEET)
    start = next((k for k, (_, row) in enumerate(rows) if {*COLUMNS} <= {*row.values()}), None)
    if start is None:
        raise BappsmithError(f"{path}: sheet {SHEET} has no row with the headings {', '.join(COLUMNS)}; restore it")
    letters = {name: letter for letter, name in rows[start][1].items()}
    for line, row in rows[start + 1 :]:
        if letters["image"] in row:
            yield line, [row.get(letters[name], "") for name in COLUMNS]


def _parse(cells: list[str], path: Path, line: int) -> tuple[str, str, str, str]:
    """Return image, type, level and score of a line."""
    if len(cells) == 2:
        image, kind, level = [*cells[0].removesuffix(".png").split("."), "", ""][:3]
        kind, score = kind.lower(), cells[1]
    elif len(cells) >= 6:  # the type "jpeg 2000" has a space
        image, kind, level, score = cells[0], "".join(cells[2:-3]).replace(" ", "").lower(), cells[-3], cells[-1]
    else:
        kind = image = level = score = ""
    if kind not in TYPES:
        raise BappsmithError(
            f"{path}: line {line}: image, dst_idx, dst_type, dst_lev, dmos_std and dmos, or a name such as "
            f"1600.AWGN.1.png and a score, are needed, found '{printable(' '.join(cells), 60)}'; restore "
            "the file"
        )
    return image, kind, level.partition(".")[0], score
