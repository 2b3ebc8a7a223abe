"""Read the text files of a set of scores, and find its images whatever the case of their names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.bapps import IMAGE_SUFFIXES
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.bounded import read_bounded

MAX_BYTES = 2**26
"""Largest file of scores, bytes: about a million lines."""


def read_text(path: Path) -> str:
    """Read a text file in UTF-8.

    Raises:
        BappsmithError: it cannot be opened, is larger than `MAX_BYTES`, or is not text.
    """
    try:
        return read_bounded(path, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BappsmithError(f"{path}: not text in UTF-8 (byte {error.start}); save it as UTF-8") from error


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line of a CSV file that is not empty, from 1, and its cells without outer spaces.

    Raises:
        BappsmithError: see `read_text`; or it is not CSV.
    """
    reader = csv.reader(io.StringIO(read_text(path)))
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise BappsmithError(f"{path}: line {reader.line_num} is not CSV ({error}); save it as CSV") from error


def number(cell: str, path: Path, line: int) -> float:
    """Return the number in a cell. NaN and infinity are numbers here; `read_mos` refuses them.

    Raises:
        BappsmithError: it is not a number.
    """
    try:
        return float(cell)
    except ValueError:
        raise BappsmithError(
            f"{path}: line {line}: a score is a number, found '{printable(cell, 40)}'; mend it"
        ) from None


def images_by_stem(folder: Path) -> dict[str, Path]:
    """List the images in a folder and below, by stem in lower case.

    Published sets mix I01.BMP and i01.bmp, and people convert BMP to PNG. Of several files the first by name counts.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    return {path.stem.lower(): path for path in reversed(files)}
