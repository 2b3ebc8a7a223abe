"""A study of the task similar, from pairs to votes in the pairs."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from bappsmith.annotation.study.answers import Answer
from bappsmith.annotation.study.pairs import PairsSource
from bappsmith.annotation.study.settings import Similar, StudySettings
from bappsmith.annotation.study.study import Study
from bappsmith.annotation.votes.pairs import pairs_with_votes
from bappsmith.lpips.data.retrieval.pair_set import Pair, PairSet


def colour(png: bytes) -> float:
    return float(np.asarray(Image.open(io.BytesIO(png)))[..., 0].mean())


def test_people_who_look_at_colours(tmp_path: Path):
    root = tmp_path / "images"
    root.mkdir()
    levels = [10, 20, 30, 210, 220, 230, 240, 250]
    for level in levels:
        Image.fromarray(np.full((20, 30, 3), level, np.uint8)).save(root / f"{level}.png")
    pairs = tuple(Pair(f"{a}.png", f"{b}.png") for a in levels for b in levels[:2] if a != b)
    source = PairsSource(PairSet(root, tmp_path / "pairs.csv", pairs))
    settings = StudySettings(votes=3, similar=Similar(items=20, sentinels=4, repeats=2, training=2))
    with Study.create(tmp_path / "study", source, settings) as study:
        for name in ("one", "two", "three"):
            session = study.session_of(study.enter("link", name)).id
            tab = study.open_tab(session)
            for stage in ("instructions", "training", "questions"):
                study.set_stage(session, stage)
                if stage == "instructions":
                    continue
                while showings := study.next_showings(session, tab, 5):
                    for showing in showings:
                        shown = study.pictures(session, showing.id)
                        assert list(shown) == ["query", "candidate"]
                        near = abs(colour(shown["query"]) - colour(shown["candidate"])) < 100
                        choice = "similar" if near else "different"
                        (receipt,) = study.answer(session, [Answer(showing.id, choice, response_ms=900, shown_ms=800)])
                        assert receipt.status == "stored"
                        assert receipt.right in (True, None)
            study.finish(session)
        votes = study.votes()
    sentinels = [row for row in votes.to_pylist() if row["role"] == "sentinel"]
    assert len(sentinels) == 3 * 3  # a session of 14 items has three
    assert all(row["choice"] == row["expected"] for row in sentinels)
    assert {row["expected"] for row in sentinels} == {"similar", "different"}
    for before, after in zip(pairs, pairs_with_votes(source.pairs, votes), strict=True):
        assert (after.query, after.candidate, after.votes) == (before.query, before.candidate, 3)
        assert after.similar == (abs(int(before.query[:-4]) - int(before.candidate[:-4])) < 100)
