from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bappsmith.annotation.study.settings import StudySettings
from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.votes.export.export import export_tasks
from bappsmith.annotation.votes.vote_rows import read_rows
from bappsmith.manifests.errors import BappsmithError

ITEMS = [("2afc/val/a", 0), ("2afc/val/a", 4), ("jnd/val/a", 2)]
SETTINGS = StudySettings.model_validate({"afc": {"sentinels": 4}, "jnd": {"sentinels": 5}})


@pytest.fixture(scope="module")
def source(finished: dict[str, Path]) -> DatasetSource:
    return DatasetSource(finished["folders"], ["2afc/val/a", "jnd/val/a"])


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_csv_names_every_picture(source: DatasetSource, tmp_path: Path):
    done: list[tuple[int, int]] = []
    files = export_tasks(source, ITEMS, "csv", tmp_path, settings=SETTINGS, progress=lambda *step: done.append(step))
    assert [file.name for file in files] == ["tasks-2afc.csv", "tasks-jnd.csv"]
    assert done == [(1, 3), (2, 3), (3, 3)]
    with files[0].open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["index"] for row in rows] == ["0", "4", "", "", "", ""]
    assert [row["role"] for row in rows] == ["item"] * 2 + ["sentinel"] * 4
    for folder, image in source.pictures("2afc/val/a", 4).items():
        np.testing.assert_array_equal(pixels(tmp_path / rows[1][folder]), image)
    for row in rows[2:]:
        reference = pixels(tmp_path / row["ref"])
        np.testing.assert_array_equal(pixels(tmp_path / row[row["expected"]]), reference)
        other = {"p0": "p1", "p1": "p0"}[row["expected"]]
        assert (pixels(tmp_path / row[other]) != reference).any()
    for file in files:
        assert not re.search(r"(^|,)[=+\-@]", file.read_text(), re.MULTILINE)


def test_label_studio_tasks_fit_their_configuration(source: DatasetSource, tmp_path: Path):
    files = export_tasks(source, ITEMS, "label-studio", tmp_path, settings=SETTINGS)
    for tasks, config in zip(files[::2], files[1::2], strict=True):
        view = ET.fromstring(config.read_text())
        used = {value[1:] for tag in view.iter() for value in [tag.get("value", "")] if value.startswith("$")}
        names = {tag.get("name") for tag in view.iter()}
        for control in view.iter():
            assert set((control.get("toName") or "").split(",")) - {""} <= names
        for task in json.loads(tasks.read_text()):
            assert used <= set(task["data"])
            assert "expected" not in task["data"]
            for name in used:
                prefix = f"/data/local-files/?d={tmp_path.name}/"
                assert task["data"][name].startswith(prefix)
                assert (tmp_path / task["data"][name].removeprefix(prefix)).is_file()
    sides = json.loads(files[0].read_text())
    assert {side["data"]["left"] for side in sides} <= {"p0", "p1"}


def test_votes_of_label_studio_come_back(source: DatasetSource, tmp_path: Path):
    tasks, *_ = export_tasks(source, ITEMS, "label-studio", tmp_path, settings=SETTINGS, pictures="https://host/x/")
    exported = []
    for task in json.loads(tasks.read_text()):
        assert task["data"]["reference"].startswith("https://host/x/pictures/")
        result = [{"type": "pairwise", "value": {"selected": "right"}}]
        exported.append({**task, "annotations": [{"completed_by": 1, "result": result}]})
    path = tmp_path / "exported.json"
    path.write_text(json.dumps(exported))
    for row, task in zip(read_rows(path), exported, strict=True):
        assert {row.values["choice"], task["data"]["left"]} == {"p0", "p1"}


def test_a_jspsych_folder_holds_all_it_names(source: DatasetSource, tmp_path: Path):
    files = export_tasks(source, ITEMS, "jspsych", tmp_path, settings=SETTINGS)
    assert [file.relative_to(tmp_path).as_posix() for file in files] == ["2afc/index.html", "jnd/index.html"]
    folder = files[0].parent
    study, questions = (folder / "questions.js").read_text().splitlines()
    facts = json.loads(study.removeprefix("const STUDY = ").removesuffix(";"))
    assert (facts["task"], facts["items"], facts["show_ms"]) == ("2afc", 100, 3000)
    rows = json.loads(questions.removeprefix("const QUESTIONS = ").removesuffix(";"))
    assert len(rows) == 6
    assert all((folder / file).is_file() for row in rows for file in row[4])
    page = (folder / "index.html").read_text()
    assert all((folder / name).is_file() for name in re.findall(r'<script src="([^":]+)"', page))
    assert all(re.search(r"@\d+\.\d+\.\d+", address) for address in re.findall(r'"(https://unpkg[^"]+)"', page))
    jnd = (files[1].parent / "questions.js").read_text()
    assert '"first_ms": 1000, "gap_ms": 250, "second_ms": 1000' in jnd


def test_a_folder_with_files_is_refused(source: DatasetSource, tmp_path: Path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(BappsmithError, match="is not empty; give a new folder"):
        export_tasks(source, ITEMS, "csv", tmp_path, settings=SETTINGS)
