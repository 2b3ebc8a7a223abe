import cv2
import numpy as np
import pytest

from .conftest import Browser, link


def picture(browser, url):
    reply = browser.client.get(url)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/png"
    return cv2.imdecode(np.frombuffer(reply.content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_a_whole_session(browser, study):
    opened = browser.open()
    assert opened["task"] == "2afc"
    assert opened["stage"] == "consent"
    assert opened["progress"] == {"done": 0, "total": 5}
    assert opened["settings"] == {"show_ms": 3000, "break_every": 50, "training": 1}
    assert opened["language"] == "en"
    browser.to_questions()
    rows = browser.next()
    assert len(rows) == 5
    assert all(set(row["pictures"]) == {"ref", "left", "right"} and not row["training"] for row in rows)
    assert {picture(browser, url).shape for url in rows[0]["pictures"].values()} == {(16, 16, 3)}
    assert browser.post("finish", tab=browser.tab).status_code == 400
    assert browser.answer_all() == 5
    assert browser.next() == []
    finished = browser.post("finish", tab=browser.tab).json()
    assert set(finished) == {"code"}
    assert study.progress().votes == 4
    again = browser.post("open").json()
    assert again["stage"] == "done"
    assert again["code"] == finished["code"]


def test_a_jnd_session(browser):
    opened = browser.open("?task=jnd")
    assert opened["settings"] == {
        "reference_ms": 1000, "gap_ms": 250, "patch_ms": 1000, "break_every": 50, "training": 0
    }  # fmt: skip
    browser.to_questions()
    row = browser.next(1)[0]
    assert set(row["pictures"]) == {"first", "second"}
    assert browser.answer(row["id"], "left")["status"] == "refused"
    timing = {"shown_ms": 1001, "asked_ms": 1000, "frame_ms": 16.7, "frames": 60, "steps": [
        {"asked_ms": 1000, "shown_ms": 1001.2, "frames": 60}] * 3, "warnings": ["zoom"], "resized": False}  # fmt: skip
    assert browser.answer(row["id"], "same", timing=timing) == {"id": row["id"], "status": "stored"}


def test_no_reply_tells_what_a_question_is_for(browser):
    browser.open()
    browser.to_questions()
    reply = browser.post("next", tab=browser.tab, count=12)
    assert set(reply.json()["showings"][0]) == {"id", "place", "training", "pictures"}
    for word in ("sentinel", "repeat", "role", "expected", "p1"):
        assert word not in reply.text
    assert set(browser.answer(reply.json()["showings"][0]["id"])) == {"id", "status"}


def test_training_is_answered_with_right_or_wrong(browser):
    browser.open()
    for stage in ("instructions", "training"):
        browser.post("stage", tab=browser.tab, stage=stage)
    (row,) = browser.next()
    assert row["training"]
    assert isinstance(browser.answer(row["id"])["right"], bool)


def test_sending_an_answer_again_changes_nothing(browser, study):
    browser.open()
    browser.to_questions()
    row = browser.next(1)[0]
    assert browser.answer(row["id"], "left")["status"] == "stored"
    answers = study.progress().answers
    assert browser.answer(row["id"], "left")["status"] == "again"
    assert browser.answer(row["id"], "right")["status"] == "refused"
    assert study.progress().answers == answers


def test_an_early_answer_does_not_count(browser, study):
    browser.open()
    browser.to_questions()
    first, second, third = browser.next(3)
    browser.answer(first["id"], response_ms=-20.0)
    browser.answer(second["id"], response_ms=None)
    browser.answer(third["id"], timing={"early": True})
    votes = study.votes().to_pylist()
    assert [row["counted"] for row in votes if row["role"] != "training"] == [False] * 3


def test_an_answer_to_another_persons_question_is_refused(browser, other_browser, study):
    for one in (browser, other_browser):
        one.open()
        one.to_questions()
    stolen = browser.next(1)[0]
    answers = study.progress().answers
    assert other_browser.answer(stolen["id"])["status"] == "refused"
    assert other_browser.client.get(stolen["pictures"]["ref"]).status_code == 404
    assert study.progress().answers == answers


def test_an_answer_to_a_question_that_was_never_asked_is_refused(browser, study):
    browser.open()
    browser.to_questions()
    answers = study.progress().answers
    assert browser.answer("A" * 22)["status"] == "refused"
    assert study.progress().answers == answers


@pytest.mark.parametrize(
    "answer",
    [
        {"choice": "p1"},
        {"choice": 1},
        {"id": "short"},
        {"id": "../../../../etc/passwd"},
        {"id": "' OR 1=1; --aaaaaaaaaaa"},
        {"response_ms": 1e300},
        {"response_ms": "900"},
        {"response_ms": True},
        {"timing": {"shown_ms": -1}},
        {"timing": {"dpr": 0}},
        {"timing": {"early": 1}},
        {"timing": {"unknown": 1}},
        {"role": "item"},
    ],
)
def test_a_malformed_answer_is_refused_in_one_line(browser, study, answer):
    browser.open()
    browser.to_questions()
    row, answers = browser.next(1)[0], study.progress().answers
    reply = browser.post("answers", answers=[{"id": row["id"], "choice": "left", "response_ms": 900.0, **answer}])
    assert reply.status_code == 400
    assert "\n" not in reply.json()["error"]
    assert study.progress().answers == answers


def test_numbers_that_are_none_are_refused(browser):
    browser.open()
    text = '{"answers": [{"id": "%s", "choice": "left", "response_ms": NaN}]}' % ("A" * 22)
    reply = browser.client.post("/api/answers", content=text, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400


@pytest.mark.parametrize("count", [0, 13, 2.5, "3", None])
def test_a_count_out_of_range(browser, count):
    browser.open()
    assert browser.post("next", tab=browser.tab, count=count).status_code == 400


def test_more_than_fifty_answers_at_once(browser):
    browser.open()
    assert browser.post("answers", answers=[{"id": "A" * 22, "choice": "left"}] * 51).status_code == 400
    assert browser.post("answers", answers=[]).status_code == 400


def test_stages_go_on_in_order(browser):
    browser.open()
    assert browser.post("stage", tab=browser.tab, stage="questions").status_code == 400
    assert browser.post("stage", tab=browser.tab, stage="done").status_code == 400
    assert browser.post("stage", tab=browser.tab, stage="dance").status_code == 400
    assert browser.post("stage", tab=browser.tab, stage="instructions").json() == {"stage": "instructions"}
    assert browser.post("stage", tab=browser.tab, stage="consent").status_code == 400


def test_an_earlier_tab_stops_and_its_answers_still_count(browser):
    browser.open()
    browser.to_questions()
    old, row = browser.tab, browser.next(1)[0]
    browser.tab = browser.post("open").json()["tab"]
    for name, body in (("next", {"count": 1}), ("stage", {"stage": "questions"}), ("finish", {})):
        reply = browser.post(name, tab=old, **body)
        assert reply.status_code == 409
        assert "another tab" in reply.json()["error"]
    assert browser.answer(row["id"])["status"] == "stored"


def test_a_link_on_two_devices_goes_on_with_the_same_session(browser, other_browser, study):
    first = browser.open(link(study, 1))
    browser.to_questions()
    row = browser.next(1)[0]
    browser.answer(row["id"])
    second = other_browser.open(link(study, 1))
    assert second["session"] == first["session"]
    assert second["stage"] == "questions"
    assert second["progress"]["done"] == 1
    assert study.progress().sessions == 1
    assert other_browser.post("next", tab=other_browser.tab, count=1).status_code == 200


def test_two_people_have_two_sessions(browser, other_browser, study):
    assert browser.open(link(study, 1))["session"] != other_browser.open(link(study, 2))["session"]


def test_nobody_gets_an_item_twice(browser, study):
    """The val subset has six items: four in the first session, two in the second, none in a third."""
    totals = []
    for _ in range(2):
        totals.append(browser.open(link(study, 1) + "&task=2afc")["progress"]["total"])
        browser.to_questions()
        browser.answer_all()
        browser.post("finish", tab=browser.tab)
    assert totals[1] < totals[0]
    browser.enter(link(study, 1) + "&task=2afc")
    reply = browser.post("open")
    assert reply.status_code == 410
    assert "nothing left" in reply.json()["error"]


def test_a_return_address_and_a_code_for_all(serving):
    address = "https://app.prolific.com/submissions/complete?cc=C1"
    browser = Browser(serving(return_url=address))
    browser.open("?task=jnd")
    browser.to_questions()
    browser.answer_all("same")
    assert browser.post("finish", tab=browser.tab).json()["return_url"] == address
    assert browser.post("open").json()["return_url"] == address


def test_a_worker_who_opens_the_link_again_sees_the_code_again(browser, other_browser, study):
    query = "?PROLIFIC_PID=5f00aa&STUDY_ID=s&SESSION_ID={}&task=jnd"
    first = browser.open(query.format("v1"))
    browser.to_questions()
    browser.answer_all("same")
    code = browser.post("finish", tab=browser.tab).json()["code"]
    again = other_browser.open(query.format("v1"))
    assert (again["session"], again["stage"], again["code"]) == (first["session"], "done", code)
    assert other_browser.open(query.format("v2"))["session"] != first["session"]
    assert study.progress().people == 1
    # Another worker with the same id of a visit is another person.
    assert browser.open(query.format("v1").replace("5f00aa", "5f00ab"))["session"] != first["session"]


def test_all_that_a_browser_measured_is_kept(browser, study):
    browser.open()
    browser.to_questions()
    browser.answer(browser.next(1)[0]["id"], timing={"early_presses": 2, "replays": 1, "hidden": False})
    with study._database.reading() as connection:
        kept = [row["timing"] for row in connection.execute("SELECT timing FROM answers")]
    assert kept[-1] == '{"early_presses":2,"replays":1,"hidden":false}'
