import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bappsmith.annotation.study import secrets
from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.errors import (
    ChangedError,
    NothingLeftError,
    OtherTabError,
    UnknownError,
    WithdrawnError,
)
from bappsmith.annotation.study.settings import StudySettings
from bappsmith.annotation.study.study import DATABASE, Study
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.forms.png import decode_png


def test_a_session_goes_from_consent_to_a_code(study, begin, answer_all):
    session, tab = begin(study, "anna")
    state = study.session(session)
    assert (state.stage, state.done, state.total, state.training_done) == ("questions", 0, 10, 2)
    assert answer_all(study, session, tab) == 10
    code = study.finish(session)
    assert study.finish(session) == code
    assert study.session(session).stage == "done"
    assert len(code) == 10
    assert study.check() == []
    progress = study.progress()
    assert (progress.items, progress.wanted, progress.votes, progress.answers) == (26, 52, 6, 12)
    assert (progress.sessions, progress.finished, progress.people) == (1, 1, 1)


@pytest.mark.parametrize(
    ("task", "names"),
    [("2afc", ["ref", "left", "right"]), ("jnd", ["first", "second"]), ("similar", ["query", "candidate"])],
)
def test_every_task_shows_its_pictures(study, begin, task, names):
    session, tab = begin(study, "anna", task)
    for showing in study.next_showings(session, tab, 12):
        pictures = study.pictures(session, showing.id)
        assert list(pictures) == names
        for name, data in pictures.items():
            assert decode_png(data, name, 16).shape == (16, 16, 3)


def test_sides_are_exchanged_on_the_screen_as_they_are_stored(study, source, begin, answer_all):
    session, tab = begin(study, "anna")
    answer_all(study, session, tab)  # always "left"
    rows = study.votes().to_pylist()
    assert {row["p1_left"] for row in rows if row["role"] == "item"} == {True, False}
    assert all(row["choice"] == ("p1" if row["p1_left"] else "p0") for row in rows)


def test_the_left_picture_is_the_one_that_the_side_says(study, source, begin, answer_all):
    session, tab = begin(study, "anna")
    shown = {one.id: study.pictures(session, one.id) for one in study.next_showings(session, tab, 12)}
    answer_all(study, session, tab)
    with study._database.reading() as connection:
        sides = dict(connection.execute("SELECT id, p1_left FROM showings").fetchall())
        items = dict(connection.execute("SELECT id, item FROM showings WHERE role = 'item'").fetchall())
    for showing, item in items.items():
        images = source.pictures("2afc/train/a", item - 1)
        left = images["p1" if sides[showing] else "p0"]
        assert (decode_png(shown[showing]["left"], "left", 16) == left).all()


def test_questions_that_are_open_come_again_after_a_reload(study, begin):
    session, tab = begin(study, "anna")
    first = study.next_showings(session, tab, 4)
    assert study.next_showings(session, tab, 4) == first
    again = study.open_tab(session)
    assert study.next_showings(session, again, 4) == first
    assert study.session_of(study.enter("link", "anna")).id == session


def test_an_earlier_tab_gets_no_questions_but_may_answer(study, begin):
    session, tab = begin(study, "anna")
    showing = study.next_showings(session, tab, 1)[0]
    other = study.open_tab(session)
    with pytest.raises(OtherTabError, match="another tab"):
        study.next_showings(session, tab, 1)
    with pytest.raises(OtherTabError):
        study.check_tab(session, tab)
    study.check_tab(session, other)
    assert study.answer(session, [Answer(showing.id, "left", 500.0)])[0].status == "stored"


def test_stages_come_one_after_the_other(study):
    session = study.session_of(study.enter("link", "anna"), "2afc").id
    for wrong in ("questions", "training", "done"):
        with pytest.raises(BappsmithError, match=f"stage '{wrong}' does not follow 'consent'; expected 'instructions'"):
            study.set_stage(session, wrong)
    with pytest.raises(BappsmithError, match="in stage 'consent'"):
        study.next_showings(session, study.open_tab(session), 1)
    study.set_stage(session, "instructions")
    study.set_stage(session, "instructions")
    with pytest.raises(BappsmithError, match="does not follow"):
        study.set_stage(session, "consent")
    study.set_stage(session, "training")
    with pytest.raises(BappsmithError, match="2 training questions are not answered"):
        study.set_stage(session, "questions")
    with pytest.raises(BappsmithError, match="10 questions are not answered"):
        study.finish(session)


def test_a_person_gets_a_new_session_until_nothing_is_left(study, begin, answer_all):
    for _ in range(2):
        session, tab = begin(study, "anna")
        answer_all(study, session, tab)
        study.finish(session)
    assert study.session(session).total == 4 + 3 + 1  # items that were left, the least number of sentinels, a repeat
    with pytest.raises(NothingLeftError, match="thank you"):
        study.session_of(study.enter("link", "anna"), "2afc")
    assert study.session_of(study.enter("link", "anna")).task in ("jnd", "similar")


def test_a_session_without_a_task_gets_the_one_with_most_open_votes(study):
    assert study.session_of(study.enter("link", "anna")).task == "2afc"


def test_leased_items_are_announced_as_coming_back(study, begin):
    for name in ("a", "b", "c", "d"):
        session, tab = begin(study, name)
        study.next_showings(session, tab, 12)
    with pytest.raises(NothingLeftError, match="come again in 30 minutes"):
        begin(study, "e")


def test_what_is_not_known_is_refused_in_one_line(study):
    with pytest.raises(UnknownError, match="open your link again"):
        study.session("nobody")
    with pytest.raises(UnknownError, match="no task 'color'"):
        study.session_of(study.enter("link", "anna"), "color")
    with pytest.raises(UnknownError, match="no person"):
        study.session_of("f" * 32)
    with pytest.raises(BappsmithError, match="unknown platform 'x'"):
        study.enter("x", "anna")
    with pytest.raises(BappsmithError, match="1 to 256 characters, found 0"):
        study.enter("link", "")


def test_pictures_of_another_session_are_refused(study, begin):
    session, tab = begin(study, "anna")
    other, _ = begin(study, "bert")
    showing = study.next_showings(session, tab, 1)[0]
    study.pictures(session, showing.id)
    for asked in (showing.id, "' OR 1=1 --"):
        with pytest.raises(UnknownError):
            study.pictures(other, asked)


def test_two_processes_cannot_write_one_study(study, source):
    with pytest.raises(BappsmithError, match="in use by another server"):
        Study.open(study.folder, source)
    code = f"from bappsmith.annotation.study.study import Study; Study.open({str(study.folder)!r})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "in use by another server" in run.stderr


def test_others_can_read_while_a_server_writes(study, begin, answer_all):
    session, tab = begin(study, "anna")
    with Study.open(study.folder, write=False) as reader:
        before = reader.progress().answers
        answer_all(study, session, tab)
        assert reader.progress().answers == before + 10
        assert reader.votes().num_rows == 12
        with pytest.raises(BappsmithError, match="open for reading only"):
            reader.enter("link", "bert")
        with pytest.raises(BappsmithError, match="without its pictures"):
            reader.pictures(session, study.votes() and _any_showing(reader))


def _any_showing(study: Study) -> str:
    with study._database.reading() as connection:
        return connection.execute("SELECT id FROM showings").fetchone()[0]


def test_a_study_is_read_after_it_was_closed(study, begin, answer_all):
    session, tab = begin(study, "anna")
    answer_all(study, session, tab)
    study.close()
    study.close()
    with pytest.raises(BappsmithError, match="closed"):
        study.progress()
    with pytest.raises(BappsmithError, match="closed"):
        study.enter("link", "bert")
    with Study.open(study.folder, write=False) as reader:
        assert reader.progress().answers == 12


def test_opening_needs_the_same_source_and_settings(study, memory_source, small):
    study.close()
    with pytest.raises(ChangedError, match=r"is not what .* began with"):
        Study.open(study.folder, memory_source({"2afc/train/a": ("2afc", 10)}, fingerprint="b"))
    with pytest.raises(BappsmithError, match=r"began with votes = 2, found 5"):
        Study.open(study.folder, settings=StudySettings())
    other = small.model_copy(update={"afc": small.afc.model_copy(update={"show_ms": 0})})
    with pytest.raises(BappsmithError, match=r"began with afc.show_ms = 3000, found 0"):
        Study.open(study.folder, settings=other)
    Study.open(study.folder, memory_source({}, fingerprint="a"), small).close()


def test_a_folder_holds_one_study(study, source, tmp_path):
    study.close()
    with pytest.raises(BappsmithError, match="already holds a study"):
        Study.create(study.folder, source)
    with pytest.raises(BappsmithError, match="holds no study"):
        Study.open(tmp_path / "none")


def test_a_study_inside_a_dataset_is_refused(finished, source, tmp_path):
    for inside in (finished["folders"], finished["folders"] / "study" / "deep"):
        with pytest.raises(BappsmithError, match=r"inside the dataset .* may get no other file"):
            Study.create(inside, source)
    assert not (finished["folders"] / "study").exists()
    source.root = str(tmp_path)
    with pytest.raises(BappsmithError, match="inside the dataset"):
        Study.create(tmp_path / "study", source)


def test_a_study_that_was_not_made_to_the_end_is_made_again(tmp_path, source, small, monkeypatch):
    from bappsmith.annotation.study import create

    def fails(path: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(create, "sync_file", fails)
        with pytest.raises(BappsmithError, match="cannot make a study there"):
            Study.create(tmp_path / "study", source, small)
    assert sorted(path.name for path in (tmp_path / "study").iterdir()) == ["lock", "secret"]
    Study.create(tmp_path / "study", source, small).close()


def test_a_secret_that_was_not_written_to_the_end_is_made_again(tmp_path, source, small, monkeypatch):
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(secrets, "sync_file", full)
        with pytest.raises(BappsmithError, match="cannot make a study there"):
            Study.create(tmp_path / "study", source, small)
    (tmp_path / "study" / "secret.00112233445566778899aabbccddeeff.partial").touch()  # killed
    Study.create(tmp_path / "study", source, small).close()
    assert not list((tmp_path / "study").glob("*.partial*"))


def test_another_secret_is_refused(study, tmp_path):
    """People would be strangers who judge everything again, and places of repeats would change in open sessions."""
    study.close()
    secrets.make_secret(tmp_path)
    (study.folder / "secret").write_bytes((tmp_path / "secret").read_bytes())
    with pytest.raises(BappsmithError, match=r"secret is not the one .* restore it from a copy of the study"):
        Study.open(study.folder)


def test_damaged_files_are_refused_in_one_line(study, monkeypatch):
    study.close()
    connect, opened = sqlite3.connect, []
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **named: opened.append(connect(*args, **named)) or opened[-1])
    database = study.folder / DATABASE
    content = database.read_bytes()
    for damaged in (b"", b"no database" * 1000, content[:100] + b"\0" * 5000):
        database.write_bytes(damaged)
        with pytest.raises(BappsmithError, match=r"damaged|no study|restore it"):
            Study.open(study.folder)
    assert opened
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
    database.write_bytes(content)
    Study.open(study.folder).close()


def test_chosen_items_are_checked(tmp_path, source, small):
    for items, message in [
        ([("2afc/train/b", 0, None)], "unknown subset of memory '2afc/train/b'"),
        ([("2afc/train/a", 10, None)], "has items 0 to 9, found 10"),
        ([("2afc/train/a", 1, 0.0)], r"in \(0, 1\], found 0.0"),
        ([("2afc/train/a", 1, None), ("2afc/train/a", 1, None)], "is given twice"),
        ([], "no item to ask about"),
    ]:
        with pytest.raises(BappsmithError, match=message):
            Study.create(tmp_path / "study", source, small, items)
    with Study.create(tmp_path / "study", source, small, [("2afc/train/a", 3, 0.5), ("jnd/val/a", 0, None)]) as study:
        assert study.progress().items == 2


def test_identities_are_nowhere_in_the_folder(study, begin, answer_all):
    names = ["Anna-Maria.Example@example.org", "5f3c0ffee1PROLIFIC", "Ünïcode Nämé"]
    for name in names:
        begin(study, name)
    study.enter("prolific", names[1])
    study.import_votes([])
    found = b"".join(path.read_bytes() for path in study.folder.iterdir())
    study.close()
    found += b"".join(path.read_bytes() for path in study.folder.iterdir())
    for name in names:
        assert name.encode() not in found
        assert name.lower().encode() not in found.lower()
        assert name.encode("utf-16-le") not in found
    assert stat.S_IMODE((study.folder / "secret").stat().st_mode) == 0o600


def test_whoever_withdraws_counts_no_more_and_can_be_deleted(study, begin, answer_all):
    session, tab = begin(study, "anna")
    answer_all(study, session, tab, limit=5)
    study.next_showings(session, tab, 2)
    person = study.enter("link", "anna")
    study.withdraw(person)
    study.withdraw(person)
    assert study.check() == []
    assert study.progress().votes == 0
    assert {row["reason"] for row in study.votes().to_pylist()} == {"withdrawn"}
    for call in (
        lambda: study.enter("link", "anna"),
        lambda: study.session_of(person),
        lambda: study.session(session),
        lambda: study.next_showings(session, tab, 1),
        lambda: study.answer(session, []),
    ):
        with pytest.raises(WithdrawnError):
            call()
    study.withdraw(person, delete=True)
    assert study.votes().num_rows == 0
    assert study.progress().sessions == 0
    assert study.people()[0].withdrawn is not None
    assert study.check() == []
    study.close()
    assert session.encode() not in (study.folder / DATABASE).read_bytes()


def test_a_completion_code_can_be_the_same_for_all(tmp_path, source, small, begin, answer_all):
    settings = small.model_copy(update={"completion_code": "C1A2B3"})
    with Study.create(tmp_path / "study", source, settings) as study:
        session, tab = begin(study, "anna")
        answer_all(study, session, tab)
        assert study.finish(session) == "C1A2B3"
