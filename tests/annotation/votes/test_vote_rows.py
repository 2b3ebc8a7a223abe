from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest

from bappsmith.annotation.votes import vote_rows
from bappsmith.annotation.votes.vote_rows import LONGEST_LINE, read_rows, unused_columns
from bappsmith.manifests.errors import BappsmithError

LINES = "subset,index,person,choice\n2afc/val/a,0,anna,p1\n2afc/val/a,1,anna,p0\n"


def write(tmp_path: Path, data: bytes | str, name: str = "votes.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        LINES.encode(),
        codecs.BOM_UTF8 + LINES.encode(),
        LINES.replace("\n", "\r\n").encode(),
        LINES.replace("p1\n", "p1\n\n,,,\n").encode(),
        LINES.replace("anna", '"anna"').rstrip().encode(),
        (LINES + LINES.replace("anna", "ben")).encode(),
    ],
    ids=["plain", "byte order mark", "CRLF", "empty lines", "quotes", "joined files"],
)
def test_csv_files_of_many_programs_are_read(tmp_path: Path, data: bytes):
    rows = list(read_rows(write(tmp_path, data)))
    assert [(row.values["person"], row.values["index"], row.values["choice"]) for row in rows[:2]] == [
        ("anna", "0", "p1"),
        ("anna", "1", "p0"),
    ]
    assert not any(row.problem for row in rows)


def test_other_trials_are_left_out_and_other_columns_named(tmp_path: Path):
    path = write(tmp_path, 'rt,subset,index,person,choice,stimulus\n5,,,,,"<p>a, b</p>"\n7,2afc/val/a,3,x,p0,"y"\n')
    (row,) = read_rows(path)
    assert (row.where, row.values["index"]) == ("line 3", "3")
    assert unused_columns(path) == ["rt", "stimulus"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (LINES.encode("utf-16"), "is UTF-16; save it as CSV in UTF-8"),
        (b"PK\x03\x04 more", "is a spreadsheet"),
        (LINES.replace("anna", "Jörg").encode("latin-1"), "line 2: byte 15 is not UTF-8"),
        ("a;b\n1;2\n", r"has no column subset, index, person, choice; found a;b \(separate columns by commas\)"),
        ("", "found nothing"),
        ("subset,index,person,choice,choice\n", "column choice twice"),
        (LINES + "x" * (LONGEST_LINE + 1), "line 4: longer than 65,536 bytes"),
        (LINES + '"2afc/val/a"x,1,anna,p0\n', "line 4: .*save the file as CSV again"),
    ],
)
def test_other_files_are_refused_readably(tmp_path: Path, data: bytes | str, message: str):
    with pytest.raises(BappsmithError, match=message):
        list(read_rows(write(tmp_path, data)))


def test_a_line_with_too_many_cells_is_a_problem_of_that_line(tmp_path: Path):
    rows = list(read_rows(write(tmp_path, LINES + "2afc/val/a,2,anna,p0,more\n")))
    assert [row.problem for row in rows] == ["", "", "5 cells in place of 4"]


def test_json_of_jspsych_is_read(tmp_path: Path):
    records = [
        {"trial_type": "preload"},
        {"subset": "2afc/val/a", "index": 4, "person": "x", "choice": "p1", "left": None},
    ]
    (row,) = read_rows(write(tmp_path, json.dumps(records), "data.json"))
    assert (row.where, row.values["index"], row.values["left"]) == ("record 2", "4", "")


def task(number: int, result: list[object], **facts: object) -> dict[str, object]:
    data = {"subset": "2afc/val/a", "index": number, "left": "p1"}
    return {"id": number, "data": data, "annotations": [{"completed_by": 3, "result": result, **facts}]}


def test_json_of_label_studio_is_read(tmp_path: Path):
    def pairwise(side: str) -> list[object]:
        return [{"from_name": "choice", "type": "pairwise", "value": {"selected": side}}]

    choices: list[object] = [{"type": "choices", "value": {"choices": ["same"]}}]
    tasks = [
        task(0, pairwise("left"), lead_time=1.5),
        task(1, pairwise("right"), completed_by={"id": 3, "email": "anna@example.org"}),
        task(2, pairwise("none")),
        task(3, pairwise("left"), was_cancelled=True),
        task(4, choices),
        {"id": 9, "annotations": 5},
    ]
    rows = list(read_rows(write(tmp_path, json.dumps(tasks), "export.json")))
    assert [(row.values["person"], row.values["choice"]) for row in rows[:3]] == [
        ("3", "p1"),
        ("anna@example.org", "p0"),
        ("3", "same"),
    ]
    assert rows[0].values["response_ms"] == "1500.0"
    assert rows[3].problem


@pytest.mark.parametrize("data", ["{}", "[1]", "nothing", '"', "[" * 100_000], ids=range(5))
def test_other_json_is_refused(tmp_path: Path, data: str):
    with pytest.raises(BappsmithError, match=r"votes\.json is not"):
        list(read_rows(write(tmp_path, data, "votes.json")))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(BappsmithError, match="is not a file"):
        list(read_rows(tmp_path / "votes.csv"))


def test_names_from_a_file_are_shown_on_one_line(tmp_path: Path):
    bell = "\x1b]0;owned\x07" + "x" * 10_000
    record = {**task(0, []), "id": bell, "data": 1}
    (row,) = read_rows(write(tmp_path, json.dumps([record]), "a.json"))
    assert row.where.isprintable()
    assert len(row.where) < 200
    (name,) = unused_columns(write(tmp_path, f"subset,index,person,choice,{bell}\n"))
    assert name.isprintable()
    assert len(name) < 200


@pytest.mark.parametrize("seconds", [10**4299, 1e308, True, [1], {}], ids=["huge", "large", "bool", "list", "object"])
def test_a_time_of_label_studio_may_be_anything(tmp_path: Path, seconds: object):
    result: list[object] = [{"value": {"selected": "left"}}]
    (row,) = read_rows(write(tmp_path, json.dumps([task(0, result, lead_time=seconds)]), "export.json"))
    assert row.values["response_ms"] in ("", "inf")


def test_a_record_that_never_ends_is_refused_early(tmp_path: Path):
    """Every line opens a quote that the next one closes, so that the whole file is one record of short cells."""
    data = LINES + '"\n' + LONGEST_LINE * '","\n'
    with pytest.raises(BappsmithError, match=r"votes.csv, line \d+: a record of more than 65,536 characters"):
        list(read_rows(write(tmp_path, data)))


@pytest.mark.parametrize("piece", ["{},", "[],", '{"a":{}},', "[[]],"])
def test_json_of_millions_of_empty_records_is_refused_before_it_fills_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: str
):
    monkeypatch.setattr(vote_rows, "MOST_PARTS", 1000)
    data = "[" + piece * 1000 + "{}]"
    with pytest.raises(BappsmithError, match=r"votes.json has more than 1,000 lists and objects; split the file"):
        list(read_rows(write(tmp_path, data, "votes.json")))
