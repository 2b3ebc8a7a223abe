"""Load test of the annotation server: simulated people over HTTP, and a server that is killed while they judge.

    python experiments/annotation/load.py --out load.json

It makes a dataset, serves it in a process of its own, and lets 200 people judge 200 items each. 5 % are careless
and press any key; 2 % are malicious, forge and repeat requests. The server is killed with SIGKILL 20 times and started
again. Then the answers in the database are compared with those that the server acknowledged, the people that rules set
aside with those that were simulated, and the labels with the simulated truth. A second part opens as many sessions with
people who take --pace seconds per question, and measures latency and memory. Figures are printed and written to --out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from http_client import Connection, Latencies
from server_process import Server, free_port, personal_links
from simulated_people import Kind, Person, Preferences

from bappsmith import generate
from bappsmith.annotation.study.source import DatasetSource
from bappsmith.annotation.study.study import Study
from bappsmith.manifests.human_score import human_score
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.pipeline.judging.ceiling import human_ceiling, predictor_ceiling

SUBSET = "2afc/train/traditional"


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    parser.add_argument("--photos", default="samples")
    parser.add_argument("--folder", type=Path, help="for dataset and studies; default: a temporary one")
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--items", type=int, default=200, help="per session")
    parser.add_argument("--votes", type=int, default=5, help="per item")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--careless", type=float, default=0.05)
    parser.add_argument("--malicious", type=float, default=0.02)
    parser.add_argument("--pace", type=float, default=3, help="seconds per question in the second part")
    parser.add_argument("--seconds", type=float, default=60, help="length of the second part; 0: none")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        figures = run(options, folder)
    text = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(figures, indent=2))
    print(text)
    if options.out is not None:
        options.out.write_text(text + "\n", encoding="utf-8")
    return figures


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    dataset = folder / "dataset"
    count = max(1, options.sessions * options.items // options.votes)
    recipe = {
        "name": "load",
        "seed": options.seed,
        "patch": 64,
        "sources": {"val_fraction": 0.2},
        "subsets": [{"path": SUBSET, "triplets": count, "distort": {"operators": ["set:bapps-traditional"]}}],
    }
    generate(Recipe.from_dict(recipe), dataset, photos=options.photos, form="packed")
    source = DatasetSource(dataset)
    preferences = Preferences(source, options.seed)
    kinds = draw_kinds(options)
    figures: dict[str, Any] = {
        "sessions": options.sessions,
        "items": options.items,
        "triplets": count,
        "kinds": Counter(kinds),
    }
    figures["judged"] = asyncio.run(judged(options, folder / "study", dataset, source, preferences, kinds))
    if options.seconds:
        figures["paced"] = asyncio.run(paced(options, folder / "paced", dataset, preferences))
    return figures


def draw_kinds(options: argparse.Namespace) -> list[Kind]:
    """Return the kind of every person, in a random order."""
    careless, malicious = (round(share * options.sessions) for share in (options.careless, options.malicious))
    kinds: list[Kind] = ["careless"] * careless + ["malicious"] * malicious
    kinds += ["careful"] * (options.sessions - len(kinds))
    random.Random(options.seed).shuffle(kinds)
    return kinds


async def judged(
    options: argparse.Namespace,
    study: Path,
    dataset: Path,
    source: DatasetSource,
    preferences: Preferences,
    kinds: list[Kind],
) -> dict[str, Any]:
    """Let all people judge while the server is killed now and then, and compare everything afterwards."""
    settings = ["--votes", str(options.votes), "--set", f"afc.items={options.items}", "--set", "afc.show_ms=0"]
    server, latencies = Server(dataset, study, free_port(), settings), Latencies()
    await server.start()
    links = personal_links(dataset, study, server.port, len(kinds) * 2)
    people = [person(number, kind, links, server, latencies, preferences, options) for number, kind in enumerate(kinds)]
    watching, began = asyncio.create_task(server.watch()), time.perf_counter()
    judging = asyncio.gather(*(one.judge() for one in people))
    wanted = sum(kind == "careful" for kind in kinds) * options.items
    draw = random.Random(options.seed)
    # A kill after every equal share of the answers, somewhere within it.
    at = [(number + draw.random()) / (options.kills + 1) * wanted for number in range(options.kills)]
    while not judging.done():
        await asyncio.sleep(0.02)
        if at and sum(len(one.acknowledged) for one in people) >= at[0]:
            at.pop(0)
            server.kill()
            await server.start()
    await judging
    seconds = time.perf_counter() - began
    extra = await replace(server, links, latencies, preferences, options, study, len(kinds))
    watching.cancel()
    ended = server.stop()
    for one in (*people, *extra):
        await one.connection.close()
    return {
        "seconds": round(seconds, 1),
        "answers_per_second": round(sum(len(one.acknowledged) for one in people) / seconds, 1),
        "kills": options.kills - len(at),
        "restart_seconds": round(statistics.median(server.started_in), 2),
        "exit_status": ended,
        "requests_sent_again": sum(one.connection.sent_again for one in people),
        "codes": sum(one.code is not None for one in people),
        "extra_sessions": len(extra),
        "refused": sum((Counter(one.refused) for one in people), Counter()),
        "forged_requests_taken": sum((Counter(one.wrongly_taken) for one in people), Counter()),
        **compare_answers(study, [*people, *extra]),
        **compare_people(study, people),
        **compare_labels(study, source, preferences),
        "latency_ms": percentiles(latencies),
        "resident_mib": resident(server),
    }


async def replace(
    server: Server,
    links: list[str],
    latencies: Latencies,
    preferences: Preferences,
    options: argparse.Namespace,
    study: Path,
    first: int,
) -> list[Person]:
    """Let careful people judge what is still open, because others were set aside, until every item has its votes."""
    extra: list[Person] = []
    quiet = 0
    while quiet < 20 and first + len(extra) < len(links):
        await asyncio.sleep(0.5)
        with Study.open(study, write=False) as opened:
            progress = opened.progress()
        if progress.votes >= progress.wanted:
            quiet += 1  # the rules may still set somebody aside
            continue
        quiet = 0
        extra.append(person(first + len(extra), "careful", links, server, latencies, preferences, options))
        await extra[-1].judge()
    return extra


def person(
    number: int,
    kind: Kind,
    links: list[str],
    server: Server,
    latencies: Latencies,
    preferences: Preferences,
    options: argparse.Namespace,
) -> Person:
    connection = Connection("127.0.0.1", server.port, latencies)
    return Person(number + 1, kind, links[number], connection, preferences, seed=options.seed)


async def paced(options: argparse.Namespace, study: Path, dataset: Path, preferences: Preferences) -> dict[str, Any]:
    """Keep all sessions open at the pace of people, and measure latency and memory."""
    settings = ["--votes", str(options.votes), "--set", f"afc.items={options.items}", "--set", "afc.training=0"]
    server, latencies = Server(dataset, study, free_port(), settings), Latencies()
    await server.start()
    links = personal_links(dataset, study, server.port, options.sessions)
    people = [
        person(number, "careful", links, server, latencies, preferences, options) for number in range(options.sessions)
    ]
    for one in people:
        one.pace = options.pace
    until = asyncio.Event()
    watching = asyncio.create_task(server.watch())
    judging = asyncio.gather(*(one.judge(until) for one in people))
    await asyncio.sleep(min(5, options.seconds / 4))
    latencies.seconds.clear()  # all sessions are open now
    began, before, cpu = time.perf_counter(), sum(len(one.acknowledged) for one in people), server.cpu_seconds()
    await asyncio.sleep(options.seconds)
    seconds, after = time.perf_counter() - began, sum(len(one.acknowledged) for one in people)
    cpu = server.cpu_seconds() - cpu
    until.set()
    await judging
    watching.cancel()
    server.stop()
    return {
        "sessions": options.sessions,
        "answers_per_second": round((after - before) / seconds, 1),
        "cpu_ms_per_answer": round(1000 * cpu / max(1, after - before), 2),
        "latency_ms": percentiles(latencies),
        "resident_mib": resident(server),
    }


def compare_answers(study: Path, people: list[Person]) -> dict[str, Any]:
    """Compare what the database holds with what people were told."""
    told = {id_: choice for one in people for id_, choice in one.acknowledged.items() if choice}
    with sqlite3.connect(study / "votes.sqlite") as connection:
        rows = connection.execute(
            "SELECT id, choice, p1_left FROM answers JOIN showings ON showings.number = answers.showing"
        ).fetchall()
    stored = {id_: "left" if (choice == "p1") == bool(p1_left) else "right" for id_, choice, p1_left in rows}
    with Study.open(study, write=False) as opened:
        differences, progress = opened.check(), opened.progress()
    return {
        "acknowledged": len(told),
        "stored": len(stored),
        "acknowledged_and_not_stored": len(told.keys() - stored.keys()),
        "stored_and_not_acknowledged": len(stored.keys() - told.keys()),
        "stored_with_another_choice": sum(stored[id_] != told[id_] for id_ in stored.keys() & told.keys()),
        "counters_that_differ": len(differences),
        "items": progress.items,
        "complete": progress.complete,
    }


def compare_people(study: Path, people: list[Person]) -> dict[str, Any]:
    """Compare the people that rules set aside with those that were simulated."""
    from bappsmith.annotation.quality.apply_rules import apply_rules

    with Study.open(study) as opened:
        apply_rules(opened)
        rules = {one.id: one.rule for one in opened.people()}
        found = {one.number: rules[opened.secret.person("link", str(one.number))] for one in people}
    kinds: tuple[Kind, ...] = ("careful", "careless", "malicious")
    return {
        "set_aside": {
            kind: {"people": sum(one.kind == kind for one in people)}
            | {"set aside": sum(one.kind == kind and found[one.number] is not None for one in people)}
            | {"rules": Counter(str(found[one.number]) for one in people if one.kind == kind and found[one.number])}
            for kind in kinds
        }
    }


def compare_labels(study: Path, source: DatasetSource, preferences: Preferences) -> dict[str, Any]:
    """Compare the labels with the simulated truth, and their ceiling with that of the formula."""
    with Study.open(study, write=False) as opened:
        votes = opened.votes()
    counts: dict[tuple[str, int], list[int]] = {}
    columns = (votes[name].to_pylist() for name in ("subset", "index", "choice", "role", "counted"))
    for subset, index, choice, role, counted in zip(*columns, strict=True):
        if role == "item" and counted:
            counts.setdefault((subset, index), []).append(choice == "p1")
    p = np.array([preferences.probability[item] for item in counts])
    n = np.array([len(given) for given in counts.values()], np.int32)
    share = np.array([float(np.mean(given)) for given in counts.values()])
    best = p > 0.5
    decided = share != 0.5
    return {
        "labels": {
            "items": len(counts),
            "mean_votes": float(n.mean()),
            "majority_is_the_truth": float(((share > 0.5) == best)[decided].mean()),
            "majority_expected": float(np.mean([majority_right(q, votes) for q, votes in zip(p, n, strict=True)])),
            "score_of_the_best_predictor": float(np.where(best, share, 1 - share).mean()),
            "ceiling_of_the_formula": float(predictor_ceiling(p).mean()),
            "human_score": float(np.nanmean(human_score(share, n))),
            "human_ceiling_of_the_formula": float(human_ceiling(p).mean()),
        }
    }


def majority_right(p: float, votes: int) -> float:
    """Return the probability that most of n votes are for the more probable side, given that they are not equal."""
    from scipy.stats import binom

    q = max(p, 1 - p)
    right = binom.sf(votes // 2, votes, q)
    tied = binom.pmf(votes // 2, votes, q) if votes % 2 == 0 else 0.0
    return float(right / (1 - tied)) if tied < 1 else 0.5


def percentiles(latencies: Latencies) -> dict[str, dict[str, float]]:
    rows: dict[str, dict[str, float]] = {}
    for kind, seconds in sorted(latencies.seconds.items()):
        p50, p99 = np.percentile(np.array(seconds) * 1000, [50, 99])
        rows[kind] = {"requests": len(seconds), "p50": round(float(p50), 1), "p99": round(float(p99), 1)}
    return rows


def resident(server: Server) -> dict[str, Any]:
    """Return memory over time: at most twenty points, and the largest."""
    points = server.resident
    step = max(1, len(points) // 20)
    return {
        "largest": max(mib for _, mib in points),
        "every_seconds": step,
        "over_time": [mib for _, mib in points[::step]],
    }


if __name__ == "__main__":
    main()
