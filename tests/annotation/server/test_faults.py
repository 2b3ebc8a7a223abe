"""What is not the fault of the people who judge: a dataset that changes, a full disk, a study that ends."""

import shutil
import sqlite3

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from bappsmith.annotation.pages.texts import read_texts
from bappsmith.annotation.server.address import PublicAddress
from bappsmith.annotation.server.app import make_app
from bappsmith.annotation.server.settings import ServerSettings
from bappsmith.annotation.study import answers as answering
from bappsmith.annotation.study.errors import DiskFullError
from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.study.study import Study

from .conftest import ADDRESS, SETTINGS, Browser, link


def test_a_dataset_that_changes_while_it_is_judged(finished, tmp_path, caplog):
    shutil.copytree(finished["folders"], tmp_path / "dataset")
    source = DatasetSource(tmp_path / "dataset", ["jnd/val/a"])
    settings = ServerSettings(address=PublicAddress.parse(ADDRESS), texts=read_texts())
    with (
        Study.create(tmp_path / "study", source, SETTINGS) as study,
        TestClient(make_app(study, settings), base_url=ADDRESS, follow_redirects=False) as client,
    ):
        browser = Browser(client)
        browser.open("?task=jnd")
        browser.to_questions()
        row = browser.next(1)[0]
        for path in (tmp_path / "dataset" / "jnd").rglob("*.png"):
            Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(path)
        reply = client.get(row["pictures"]["first"])
        assert reply.status_code == 503
        assert "changed" in reply.text
        assert str(tmp_path) not in reply.text
        assert "the dataset changed while it is judged" in caplog.text


def test_a_full_disk_acknowledges_nothing(browser, study, monkeypatch, caplog):
    browser.open()
    browser.to_questions()
    row = browser.next(1)[0]

    def full(*_):
        raise DiskFullError("votes.sqlite: the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(type(study), "answer", full)
        reply = browser.post("answers", answers=[{"id": row["id"], "choice": "left", "response_ms": 1.0}])
    assert reply.status_code == 507
    assert list(reply.json()) == ["error"]
    assert "the disk is full" in caplog.text
    assert browser.answer(row["id"])["status"] == "stored"


@pytest.mark.parametrize("code", ["READONLY", "CANTOPEN", "BUSY", "CORRUPT", "NOTADB", "NOMEM"])
def test_a_database_that_fails_is_asked_again_and_no_answer_is_thrown_away(browser, study, monkeypatch, caplog, code):
    browser.open()
    browser.to_questions()
    row = browser.next(1)[0]

    def fail(*_):
        error = sqlite3.OperationalError("no luck")
        error.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{code}")
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(answering, "store_answers", fail)
        reply = browser.post("answers", answers=[{"id": row["id"], "choice": "left", "response_ms": 1.0}])
    assert reply.status_code == 500  # the page tries again after 500, and forgets an answer after 400
    assert "votes.sqlite" in caplog.text
    assert browser.answer(row["id"])["status"] == "stored"


def test_a_picture_that_is_refused_is_told_from_a_page_of_a_proxy(browser):
    browser.open()
    assert list(browser.client.get("/picture/none/ref.png").json()) == ["error"]


def test_a_person_who_withdrew(browser, study):
    browser.open(link(study, 1))
    study.withdraw(study.secret.person("link", "1"), delete=True)
    assert browser.post("open").status_code == 404
    assert browser.enter(link(study, 1)).status_code == 410


@pytest.mark.parametrize("name", ["<b>me</b>", "'; DROP TABLE answers; --", "x" * 5000, "\u0000", "名前"])
def test_names_of_any_kind_reach_no_page_and_no_database(browser, study, name):
    for query in ({"workerId": name}, {"PROLIFIC_PID": name}, {"link": name}, {"task": name}):
        reply = browser.client.get("/", params=query)
        assert reply.status_code in (400, 403, 414)
        assert name not in reply.text
    assert study.people() == []
    assert study.check() == []
