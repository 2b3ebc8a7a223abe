"""Read the cells of an .xlsx spreadsheet: XML files in a zip archive (ECMA-376). Formulas and macros are not run."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.bounded import read_bounded

MAX_BYTES = 2**24
"""Largest spreadsheet, bytes."""
MAX_MEMBER = 2**25
"""Largest XML file in it, bytes after decompression."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_sheet(path: Path, name: str) -> list[tuple[int, dict[str, str]]]:
    """Read the cells of a sheet that are not empty, row by row.

    Args:
        path: the spreadsheet.
        name: of the sheet.

    Returns:
        For each row its number, and letters of the column, such as "D" → text; numbers as they are written in the file.

    Raises:
        BappsmithError: the file cannot be read, is damaged or too large, or has no sheet of that name.
    """
    data = read_bounded(path, MAX_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            relations = _xml(archive, "xl/_rels/workbook.xml.rels")
            targets = {one.get("Id"): one.get("Target", "") for one in relations}
            sheets = {
                one.get("name"): one.get(_RELATION) for one in _xml(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet")
            }
            if name not in sheets:
                raise BappsmithError(f"{path}: no sheet '{name}'; restore the spreadsheet")
            shared: list[str] = []
            if "xl/sharedStrings.xml" in archive.namelist():
                shared = [_text(one) for one in _xml(archive, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]
            target = targets[sheets[name]]
            sheet = _xml(archive, target.lstrip("/") if target.startswith("/") else f"xl/{target}")
            return [(int(row.get("r", "0")), _row(row, shared)) for row in sheet.iter(f"{_MAIN}row")]
    except BappsmithError:
        raise
    except Exception as error:  # zip, deflate, XML and what is missing in it each have errors of their own
        cause = " ".join(str(error).split())[:200]
        raise BappsmithError(f"{path}: not a readable spreadsheet ({cause}); restore it") from error


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    with archive.open(name) as stream:
        data = stream.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        raise ValueError(f"{name} has more than {MAX_MEMBER:,} bytes")
    text = data.decode("utf-8-sig")
    if "<!DOCTYPE" in text:  # could define entities that grow without bound; spreadsheets have none
        raise ValueError(f"{name} has a document type")
    return fromstring(text)


def _row(row: Element, shared: list[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for cell in row.iter(f"{_MAIN}c"):
        value = cell.findtext(f"{_MAIN}v", "")
        kind = cell.get("t")
        if kind == "s":
            value = shared[int(value)]
        elif kind == "inlineStr":
            value = _text(cell)
        if value.strip():
            cells[cell.get("r", "").rstrip("0123456789")] = value.strip()
    return cells


def _text(element: Element) -> str:
    return "".join(part.text or "" for part in element.iter(f"{_MAIN}t"))
