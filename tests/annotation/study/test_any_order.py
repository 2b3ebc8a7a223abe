"""Whatever people do in whatever order: no item twice for a person, never too many votes, counters as recounted."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.errors import NothingLeftError, OtherTabError
from bappsmith.annotation.study.settings import StudySettings, TwoAlternatives
from bappsmith.annotation.study.study import Study

PEOPLE = "abcde"
ACTIONS = st.one_of(
    st.tuples(st.sampled_from(["next", "tab"]), st.sampled_from(PEOPLE), st.integers(1, 6)),
    st.tuples(st.just("answer"), st.sampled_from(PEOPLE), st.integers(0, 30)),
    st.tuples(st.just("early"), st.sampled_from(PEOPLE), st.integers(0, 30)),
    st.tuples(st.just("wait"), st.just("a"), st.sampled_from([1, 16, 40])),
    st.tuples(st.sampled_from(["aside", "readmit", "finish"]), st.sampled_from(PEOPLE), st.just(0)),
)
VOTES = 2


def counted(study: Study) -> Counter[int]:
    return Counter(row["index"] for row in study.votes().to_pylist() if row["counted"] and row["role"] == "item")


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(actions=st.lists(ACTIONS, min_size=5, max_size=60))
def test_any_order_of_events_keeps_the_promises(memory_source, clock, actions):
    clock.now = 1_000_000.0
    chosen = StudySettings(votes=VOTES, afc=TwoAlternatives(items=4, sentinels=1, repeats=1, training=0))
    with (
        tempfile.TemporaryDirectory() as folder,
        Study.create(Path(folder) / "study", memory_source({"a": ("2afc", 7)}), chosen, clock=clock) as study,
    ):
        people = {name: study.enter("link", name) for name in PEOPLE}
        tabs: dict[str, str] = {}
        shown: dict[str, list[tuple[str, str]]] = {name: [] for name in PEOPLE}
        readmitted = False

        def session_of(name: str) -> str | None:
            try:
                session = study.session_of(people[name], "2afc").id
            except NothingLeftError:
                return None
            if session not in tabs:
                tabs[session] = study.open_tab(session)
                for stage in ("instructions", "training", "questions"):
                    study.set_stage(session, stage)
            return session

        def ask(name: str, count: int) -> int:
            session = session_of(name)
            if session is None:
                return 0
            got = study.next_showings(session, tabs[session], count)
            shown[name] += [(session, one.id) for one in got if (session, one.id) not in shown[name]]
            return len(got)

        for action, name, number in actions:
            if action == "next":
                ask(name, number)
            elif action == "tab" and (session := session_of(name)):
                stale, tabs[session] = tabs[session], study.open_tab(session)
                with pytest.raises(OtherTabError):
                    study.next_showings(session, stale, 1)
            elif action in ("answer", "early") and shown[name]:
                session, showing = shown[name][number % len(shown[name])]
                study.answer(session, [Answer(showing, "left", 500.0, early=action == "early")])
            elif action == "wait":
                clock.now += number * 60
            elif action == "aside":
                study.set_aside(people[name], "rule", "")
            elif action == "readmit":
                readmitted = True
                study.readmit(people[name])
            elif action == "finish" and (session := session_of(name)):
                state = study.session(session)
                if state.done == state.total:
                    study.finish(session)
            assert study.check() == []
            if not readmitted:
                assert max(counted(study).values(), default=0) <= VOTES
        # Enough other people come, and every item gets its votes.
        clock.now += 3_600
        for late in range(40):
            name = f"late {late}"
            people[name], shown[name] = study.enter("link", name), []
            while (session := session_of(name)) is not None:
                while ask(name, 6):
                    study.answer(session, [Answer(showing, "left", 500.0) for _, showing in shown[name][-6:]])
                study.finish(session)
            if study.progress().complete == 7:
                break
        votes = counted(study)
        assert all(votes[index] >= VOTES for index in range(7))
        if not readmitted:
            assert set(votes.values()) == {VOTES}
        assert study.check() == []
        given_out = Counter((row["person"], row["index"]) for row in study.votes().to_pylist() if row["role"] == "item")
        assert max(given_out.values(), default=0) <= 1
