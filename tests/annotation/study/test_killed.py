"""A process that answers is killed at any moment: what it told is stored, and all is consistent."""

import random
import subprocess
import sys
import time

import pytest

from bappsmith.annotation.study.settings import StudySettings, TwoAlternatives
from bappsmith.annotation.study.study import Study

ANSWERS = """
import sys, threading
from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.errors import NothingLeftError
from bappsmith.annotation.study.study import Study

study = Study.open(sys.argv[1])
def answer(name):
    try:
        while True:
            session = study.session_of(study.enter("link", name)).id
            tab = study.open_tab(session)
            stages = ("consent", "instructions", "training", "questions")  # a killed process may have come to any
            for stage in stages[stages.index(study.session(session).stage) + 1 :]:
                study.set_stage(session, stage)
            while showings := study.next_showings(session, tab, 5):
                receipts = study.answer(session, [Answer(one.id, "left", 500.0) for one in showings])
                # One write of less than a page is not cut.
                sys.stdout.write("".join(f"{one.id}\\n" for one in receipts if one.status in ("stored", "again")))
                sys.stdout.flush()
            study.finish(session)
    except NothingLeftError:
        pass
threads = [threading.Thread(target=answer, args=(f"{number}",), daemon=True) for number in range(4)]
print("ready", flush=True)
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.slow
def test_acknowledged_is_stored_however_often_the_process_is_killed(tmp_path, memory_source):
    settings = StudySettings(votes=3, afc=TwoAlternatives(items=50, sentinels=5, repeats=2, training=0))
    Study.create(tmp_path / "study", memory_source({"a": ("2afc", 400)}), settings).close()
    acknowledged: set[str] = set()
    draws = random.Random(1)
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", ANSWERS, str(tmp_path / "study")], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        lines = [process.stdout.readline() for _ in range(draws.randrange(40))]
        time.sleep(draws.uniform(0.0, 0.05))  # not always just after an answer
        process.kill()
        lines += process.stdout.read().splitlines()
        acknowledged |= {line.strip() for line in lines if len(line.strip()) == 22}
        process.stdout.close()
        process.wait()
        with Study.open(tmp_path / "study") as study:
            assert study.check() == []
            with study._database.reading() as connection:
                rows = connection.execute("SELECT id FROM showings JOIN answers ON showing = number").fetchall()
            assert acknowledged <= {row["id"] for row in rows}
            progress = study.progress()
            assert progress.votes <= progress.wanted
    assert len(acknowledged) > 100
