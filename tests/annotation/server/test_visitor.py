import pytest

from bappsmith.annotation.pages.page import error_page
from bappsmith.annotation.pages.texts import read_texts
from bappsmith.annotation.server.replies import RefusedError
from bappsmith.annotation.server.visitor import Visitor, crowd_visitor


def test_prolific():
    query = {"PROLIFIC_PID": "5f00aa", "STUDY_ID": "s", "SESSION_ID": "v1"}
    assert crowd_visitor(query) == Visitor("prolific", "5f00aa", "v1")


def test_mturk():
    assert crowd_visitor({"workerId": "A1B2", "assignmentId": "3X", "hitId": "H"}) == Visitor("mturk", "A1B2", "3X")


def test_neither():
    assert crowd_visitor({"task": "jnd"}) is None


def test_a_preview_of_mturk_is_asked_to_accept_first():
    with pytest.raises(RefusedError, match="before a task is accepted") as refused:
        crowd_visitor({"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"})
    assert refused.value.status == 403
    assert "accept the task" in error_page(read_texts(), 403, page=refused.value.page)


@pytest.mark.parametrize(
    "query",
    [
        {"PROLIFIC_PID": ""},
        {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"},
        {"PROLIFIC_PID": "x" * 65},
        {"PROLIFIC_PID": "a'; DROP TABLE persons; --"},
        {"PROLIFIC_PID": "<b>me</b>"},
        {"SESSION_ID": "v1"},
        {"workerId": "A1", "assignmentId": "../../etc/passwd"},
        {"workerId": "A1\n"},
    ],
)
def test_malformed_ids_are_refused_and_not_repeated(query):
    with pytest.raises(RefusedError) as refused:
        crowd_visitor(query)
    assert refused.value.status == 400
    assert not any(value in refused.value.message for value in query.values() if value)
