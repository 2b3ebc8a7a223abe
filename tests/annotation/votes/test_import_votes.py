from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bappsmith.annotation.study.settings import StudySettings
from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.study.study import Study
from bappsmith.annotation.votes.import_votes import import_votes
from bappsmith.manifests.errors import BappsmithError

HEADER = "subset,index,person,choice,role,expected,left,session,place,response_ms\n"
GOOD = """2afc/val/a,0,anna,p1,,,p0,,,812.5
2afc/val/a,1,anna,p0,item,,p1,,,
2afc/val/a,0,anna,p1,repeat,,,,,
2afc/val/a,,anna,p0,sentinel,p0,,,,
2afc/val/a,,anna,p0,sentinel,p0,,,,
2afc/val/a,0,ben,p0,,,,,,
jnd/val/a,4,ben,same,,,,second,7,90
"""


@pytest.fixture(scope="module")
def source(finished: dict[str, Path]) -> DatasetSource:
    return DatasetSource(finished["folders"], ["2afc/val/a", "jnd/val/a"])


@pytest.fixture
def study(tmp_path: Path, source: DatasetSource) -> Iterator[Study]:
    with Study.create(tmp_path / "study", source, StudySettings(votes=2)) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text(HEADER + GOOD)
    return path


def test_votes_repeats_and_sentinels_are_stored(study: Study, source: DatasetSource, file: Path):
    imported = import_votes(study, source, file)
    assert (imported.added, imported.again) == (7, 0)
    rows = study.votes().to_pylist()
    assert [row["role"] for row in rows] == ["item", "item", "repeat", "sentinel", "sentinel", "item", "item"]
    assert [row["counted"] and row["role"] == "item" for row in rows].count(True) == 4
    assert {row["platform"] for row in rows} == {"import"}
    assert (rows[0]["p1_left"], rows[1]["p1_left"], rows[5]["p1_left"]) == (False, True, None)
    assert (rows[0]["response_ms"], rows[1]["response_ms"]) == (812.5, None)
    assert (rows[6]["place"], rows[3]["expected"]) == (7, "p0")
    assert study.progress().votes == 4
    assert study.check() == []
    database = study.folder / "votes.sqlite"
    assert not any(b"anna" in part.read_bytes() for part in study.folder.glob(f"{database.name}*"))


def test_the_same_file_again_adds_nothing_and_a_longer_one_only_what_is_new(
    study: Study, source: DatasetSource, file: Path
):
    import_votes(study, source, file)
    assert vars(import_votes(study, source, file)) == {"added": 0, "again": 7}
    file.write_text(HEADER + GOOD + "2afc/val/a,2,ben,p1,,,,,,\n")
    assert vars(import_votes(study, source, file)) == {"added": 1, "again": 7}
    assert study.check() == []


def test_a_contradiction_is_refused_and_nothing_is_stored(study: Study, source: DatasetSource, file: Path):
    import_votes(study, source, file)
    file.write_text(HEADER + "2afc/val/a,3,carl,p1,,,,,,\n" + GOOD.replace("1,anna,p0", "1,anna,p1"))
    with pytest.raises(BappsmithError, match=r"votes\.csv, line 4: 'p1', but an earlier import has 'p0'"):
        import_votes(study, source, file)
    assert len(study.votes()) == 7
    assert len(study.people()) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2afc/val/b,0,anna,p1,,,,,,", "line 2: subset '2afc/val/b' is not one of 2afc/val/a, jnd/val/a"),
        ("2afc/val/a,6,anna,p1,,,,,,", "line 2: index 6 is not in 2afc/val/a, which has items 0 to 5"),
        ("2afc/val/a,-1,anna,p1,,,,,,", "line 2: index '-1' is not a whole number"),
        ("2afc/val/a,²,anna,p1,,,,,,", "line 2: index '²' is not a whole number"),
        ("2afc/val/a,0,anna,left,,,,,,", "line 2: choice 'left' is not p0 or p1"),
        ("jnd/val/a,0,anna,p1,,,,,,", "line 2: choice 'p1' is not different or same"),
        ("2afc/val/a,0,,p1,,,,,,", "line 2: person '' is not a name"),
        (f"2afc/val/a,0,{'a' * 201},p1,,,,,,", "line 2: person 'a+….*' is not a name"),
        ("2afc/val/a,0,anna,p1,training,,,,,", "line 2: role 'training' is not item, repeat or sentinel"),
        ("2afc/val/a,,anna,p1,sentinel,,,,,", "line 2: expected '' is not p0 or p1"),
        ("2afc/val/a,0,anna,p1,item,p1,,,,", "line 2: expected is for sentinels only"),
        ("jnd/val/a,0,anna,same,,,p0,,,", "line 2: left 'p0' is not allowed"),
        ("2afc/val/a,0,anna,p1,,,,,,-5", "line 2: response_ms '-5' is not a time"),
        ("2afc/val/a,0,anna,p1,,,,,,nan", "line 2: response_ms 'nan' is not a time"),
        ("2afc/val/a,0,anna,p1,,,,,x,", "line 2: place 'x' is not a whole number"),
        ("2afc/val/a,0,anna,p1", "line 2: 4 cells in place of 10"),
    ],
)
def test_wrong_lines_are_named(study: Study, source: DatasetSource, file: Path, line: str, message: str):
    file.write_text(f"{HEADER}{line}\n{GOOD}", encoding="utf-8")
    with pytest.raises(BappsmithError, match=message) as raised:
        import_votes(study, source, file)
    assert "1 of 8 votes are wrong, so nothing was imported" in str(raised.value)
    assert len(study.votes()) == 0


def test_a_person_judges_an_item_once(study: Study, source: DatasetSource, file: Path):
    file.write_text(HEADER + GOOD + "2afc/val/a,0,ben,p1,,,,,,\n")
    with pytest.raises(BappsmithError, match="line 9: ben judged item 0 of 2afc/val/a on line 7 already"):
        import_votes(study, source, file)


def test_the_first_twenty_wrong_lines_are_named_and_the_others_counted(study: Study, source: DatasetSource, file: Path):
    file.write_text(HEADER + "2afc/val/a,77,anna,p1,,,,,,\n" * 25)
    with pytest.raises(BappsmithError) as raised:
        import_votes(study, source, file)
    lines = str(raised.value).split("\n")
    assert len(lines) == 22
    assert lines[-1] == "  and 5 others"


def test_a_file_without_votes_is_refused(study: Study, source: DatasetSource, file: Path):
    file.write_text(HEADER)
    with pytest.raises(BappsmithError, match="holds no votes"):
        import_votes(study, source, file)
