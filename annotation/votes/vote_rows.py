"""Read files of votes as rows of texts: CSV, JSON of jsPsych, JSON of Label Studio. Nothing is checked but the form."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

LONGEST_LINE = 65_536
"""Bytes. A longer line, or record of several lines, is refused."""
MOST_ROWS = 1_000_000
"""Rows of one file. Further ones are refused."""
LARGEST_JSON = 128 * 2**20
"""Bytes of a JSON file, which is read at once."""
MOST_PARTS = 4_000_000
"""Lists and objects of a JSON file. An empty one takes 3 bytes there and 64 in memory."""
REQUIRED = ("subset", "index", "person", "choice")
"""Columns that every file has."""
OPTIONAL = ("role", "expected", "left", "session", "place", "response_ms")
"""Columns that a file may have. Others are not used."""


@dataclass(frozen=True)
class VoteRow:
    """One row of a file.

    Attributes:
        where: "line 7" or "record 7".
        values: column → text; a column that is not there or empty: "".
        problem: what is wrong with its form; "": nothing.
    """

    where: str
    values: Mapping[str, str]
    problem: str = ""


def read_rows(path: Path) -> Iterator[VoteRow]:
    """Read a file of votes, row by row. Rows without subset, person and choice are left out, such as other trials.

    Raises:
        BappsmithError: the file is missing, has another encoding or form, lacks a column, or is too large.
    """
    if not path.is_file():
        raise BappsmithError(f"{path} is not a file; give a CSV or JSON file of votes")
    rows = _json_rows(path) if path.suffix.lower() == ".json" else _csv_rows(path)
    count = 0
    for row in rows:
        if not (row.problem or row.values["subset"] or row.values["person"] or row.values["choice"]):
            continue
        count += 1
        if count > MOST_ROWS:
            raise BappsmithError(f"{path} has more than {MOST_ROWS:,} votes; split the file")
        yield row


def unused_columns(path: Path) -> list[str]:
    """Return the columns of a CSV file that are not used; none for JSON."""
    if path.suffix.lower() == ".json":
        return []
    names = next(csv.reader(_lines(path)), [])
    return [printable(name, 40) for name in names if name.strip() not in (*REQUIRED, *OPTIONAL)]


def _lines(path: Path) -> Iterator[str]:
    """Read the lines of a UTF-8 file, with or without byte order mark."""
    with path.open("rb") as stream:
        start = stream.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"PK")):
            kind = "a spreadsheet (or a ZIP archive)" if start.startswith(b"PK") else "UTF-16"
            raise BappsmithError(f"{path} is {kind}; save it as CSV in UTF-8")
        stream.seek(3 if start.startswith(codecs.BOM_UTF8) else 0)
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise BappsmithError(f"{path}, line {number}: longer than {LONGEST_LINE:,} bytes; is it a CSV file?")
            try:
                text = line.decode()
            except UnicodeDecodeError as error:
                raise BappsmithError(
                    f"{path}, line {number}: byte {error.start + 1} is not UTF-8; save the file as CSV in UTF-8"
                ) from None
            yield text


def _csv_rows(path: Path) -> Iterator[VoteRow]:
    length = 0  # of the record so far: its lines go on while a quote is open

    def lines() -> Iterator[str]:
        nonlocal length
        for line in _lines(path):
            length += len(line)
            if length > LONGEST_LINE:
                raise BappsmithError(
                    f"{path}, line {reader.line_num}: a record of more than {LONGEST_LINE:,} characters; is a quote "
                    "missing?"
                )
            yield line

    reader = csv.reader(lines(), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        length = 0
        _check_header(path, header)
        at = {name: header.index(name) for name in (*REQUIRED, *OPTIONAL) if name in header}
        for cells in reader:
            length = 0
            if not any(cells) or [cell.strip() for cell in cells] == header:  # the header comes again in joined files
                continue
            where = f"line {reader.line_num}"
            if len(cells) != len(header):
                yield VoteRow(where, _EMPTY, f"{len(cells)} cells in place of {len(header)}")
                continue
            yield VoteRow(where, {**_EMPTY, **{name: cells[position].strip() for name, position in at.items()}})
    except csv.Error as error:
        raise BappsmithError(f"{path}, line {reader.line_num}: {error}; save the file as CSV again") from None


_EMPTY: dict[str, str] = dict.fromkeys((*REQUIRED, *OPTIONAL), "")


def _check_header(path: Path, header: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        found = printable(", ".join(header), 200) or "nothing"
        hint = " (separate columns by commas)" if len(header) == 1 and (";" in header[0] or "\t" in header[0]) else ""
        raise BappsmithError(
            f"{path}: the first line has no column {', '.join(missing)}; found {found}{hint}; needed: "
            f"{', '.join(REQUIRED)}; allowed: {', '.join(OPTIONAL)}"
        )
    twice = [name for name in (*REQUIRED, *OPTIONAL) if header.count(name) > 1]
    if twice:
        raise BappsmithError(f"{path}: the first line has column {twice[0]} twice; remove one")


def _json_rows(path: Path) -> Iterator[VoteRow]:
    if path.stat().st_size > LARGEST_JSON:
        raise BappsmithError(f"{path} is larger than {LARGEST_JSON // 2**20} MiB; split it, or make it a CSV file")
    data = path.read_bytes()
    if data.count(b"{") + data.count(b"[") > MOST_PARTS:
        raise BappsmithError(f"{path} has more than {MOST_PARTS:,} lists and objects; split the file")
    try:
        records = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BappsmithError(f"{path} is not UTF-8; save it in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise BappsmithError(f"{path} is not valid JSON ({printable(str(error), 200)}); export it again") from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise BappsmithError(f"{path} is not a list of records; export JSON from jsPsych or Label Studio")
    for number, record in enumerate(records, 1):
        if "annotations" in record:
            yield from _label_studio(record, f"task {printable(str(record.get('id', number)), 40)}")
        else:
            yield VoteRow(f"record {number}", {name: _text(record.get(name)) for name in _EMPTY})


def _label_studio(task: Mapping[str, Any], where: str) -> Iterator[VoteRow]:
    """Read the annotations of one task. Cancelled ones and those without a choice are left out."""
    data, annotations = task.get("data"), task.get("annotations")
    if not isinstance(data, dict) or not isinstance(annotations, list):
        yield VoteRow(where, _EMPTY, "no data or no annotations")
        return
    for annotation in annotations:
        if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
            continue
        choice = _chosen(annotation.get("result"), _text(data.get("left")))
        if not choice:
            continue
        who = annotation.get("completed_by")
        who = who.get("email") or who.get("id") if isinstance(who, dict) else who
        values = {
            "subset": _text(data.get("subset")),
            "index": _text(data.get("index")),
            "person": _text(who),
            "choice": choice,
            "left": _text(data.get("left")),
            "response_ms": _milliseconds(annotation.get("lead_time")),
        }
        yield VoteRow(where, {**_EMPTY, **values})


def _milliseconds(seconds: object) -> str:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return ""
    try:
        return str(1000 * float(seconds))
    except OverflowError:
        return "inf"  # refused with the other times that are out of range


def _chosen(result: object, left: str) -> str:
    """Return what was chosen: the side of `Pairwise` as p0 or p1, or the word of `Choices`; "" if nothing was."""
    for part in result if isinstance(result, list) else ():
        value = part.get("value") if isinstance(part, dict) else None
        if not isinstance(value, dict):
            continue
        selected, choices = value.get("selected"), value.get("choices")
        if selected in ("left", "right"):
            return left if selected == "left" else {"p0": "p1", "p1": "p0"}.get(left, "")
        if isinstance(choices, list) and len(choices) == 1:
            return _text(choices[0])
    return ""


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
