"""Spreadsheets as programs write them, and damaged ones."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bappsmith.lpips.data.mos import spreadsheet
from bappsmith.lpips.data.mos.read import read_mos
from bappsmith.lpips.data.mos.spreadsheet import read_sheet
from bappsmith.manifests.errors import BappsmithError

from . import layouts

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def write_xlsx(path: Path, sheet: str, rows: list[list[str]], **members: str) -> None:
    """Write rows from cell D4 on: numbers as numbers, text as shared strings, as Excel does."""
    words = sorted({cell for row in rows for cell in row if not cell.replace(".", "").isdecimal()})
    lines = []
    for number, row in enumerate(rows, start=4):
        cells = ""
        for letter, cell in zip("DEFGHI", row, strict=False):
            if cell in words:
                cells += f'<c r="{letter}{number}" t="s"><v>{words.index(cell)}</v></c>'
            else:
                cells += f'<c r="{letter}{number}"><v>{cell}</v></c>'
        lines.append(f'<row r="{number}">{cells}</row>')
    content = {
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="readme" sheetId="1" r:id="a"/>'
        f'<sheet name="{sheet}" sheetId="2" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="x"><Relationship Id="a" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="b" Target="worksheets/sheet2.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>"
        + "".join(f"<si><r><t>{word}</t></r></si>" for word in words)
        + "</sst>",
        "xl/worksheets/sheet2.xml": f'<?xml version="1.0" encoding="UTF-8"?><worksheet {MAIN}><sheetData>'
        + "".join(lines)
        + "</sheetData></worksheet>",
        **members,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)


HEAD = ["image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos"]


def test_csiq_is_read_from_the_published_spreadsheet(tmp_path: Path):
    layouts.csiq(tmp_path)
    before = read_mos(tmp_path)
    text = (tmp_path / "csiq_dmos.csv").read_text().splitlines()[2:]
    (tmp_path / "csiq_dmos.csv").unlink()
    write_xlsx(tmp_path / "csiq.DMOS.xlsx", "all_by_image", [HEAD, *(line.split(",") for line in text), []])
    assert read_mos(tmp_path) == before
    write_xlsx(tmp_path / "csiq.DMOS.xlsx", "all_by_image", [["image", "dmos"]])
    with pytest.raises(BappsmithError, match="sheet all_by_image has no row with the headings image, dst_idx"):
        read_mos(tmp_path)


def test_inline_text_is_read(tmp_path: Path):
    cells = '<c r="B7" t="inlineStr"><is><t>two </t><t>words</t></is></c><c r="AA7" t="str"><v>x</v></c><c r="C7"/>'
    sheet = f'<worksheet {MAIN}><sheetData><row r="7">{cells}</row></sheetData></worksheet>'
    write_xlsx(tmp_path / "s.xlsx", "s", [], **{"xl/worksheets/sheet2.xml": sheet})
    assert read_sheet(tmp_path / "s.xlsx", "s") == [(7, {"B": "two words", "AA": "x"})]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"xl/worksheets/sheet2.xml": "<worksheet"}, "not a readable spreadsheet"),
        ({"xl/workbook.xml": f"<workbook {MAIN}/>"}, "no sheet 's'"),
        ({"xl/_rels/workbook.xml.rels": "<Relationships/>"}, "not a readable spreadsheet"),
        ({"xl/worksheets/sheet2.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "has a document type"),
        (
            {"xl/worksheets/sheet2.xml": f'<a {MAIN}><row><c r="A1" t="s"><v>7</v></c></row></a>'},
            "not a readable spreadsheet",
        ),
        ({"xl/worksheets/sheet2.xml": " " * 2000}, "has more than 1,000 bytes"),
    ],
)
def test_damaged_spreadsheets_are_one_line(
    members: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spreadsheet, "MAX_MEMBER", 1000)
    write_xlsx(tmp_path / "s.xlsx", "s", [HEAD], **members)
    with pytest.raises(BappsmithError, match=message):
        read_sheet(tmp_path / "s.xlsx", "s")


@given(st.data())
def test_any_changed_byte_gives_rows_or_an_error_for_users(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
):
    path = tmp_path_factory.getbasetemp() / "changed.xlsx"
    write_xlsx(path, "s", [HEAD])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with suppress(BappsmithError):  # any other error fails the test
        read_sheet(path, "s")


def test_other_files_are_refused(tmp_path: Path):
    (tmp_path / "s.xlsx").write_bytes(b"not a zip archive")
    with pytest.raises(BappsmithError, match=r"s\.xlsx: not a readable spreadsheet \(File is not a zip file\)"):
        read_sheet(tmp_path / "s.xlsx", "s")
