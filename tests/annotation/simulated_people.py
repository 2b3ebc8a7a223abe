"""People with known reliability, bias and care, who answer as a server would record it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bappsmith.annotation.quality.task_answers import NEGATIVE, POSITIVE
from bappsmith.annotation.study.votes import VOTE_SCHEMA


@dataclass(frozen=True)
class Person:
    """How somebody answers.

    Attributes:
        noise: of the person, in units of the usual one: 1 is the usual person.
        lapse: share of answers given without looking.
        wrong: share of answers turned round on purpose.
        left: share of the answers without looking that choose the left side.
        median_ms: median response time.
        sigma: standard deviation of the logarithm of the response time.
        false_alarms: share of identical pairs called different.
    """

    noise: float = 1.0
    lapse: float = 0.01
    wrong: float = 0.0
    left: float = 0.5
    median_ms: float = 900
    sigma: float = 0.4
    false_alarms: float = 0.08


HONEST = Person()
CARELESS = Person(lapse=1.0)


def truth(count: int, rng: np.random.Generator, spread: float = 1.1) -> NDArray[np.float64]:
    """Preferences for p1 of items; two people agree on about 74 % of such 2AFC items."""
    return rng.normal(0, spread, count)


def simulate(
    people: list[Person],
    preferences: NDArray[np.float64],
    *,
    task: str = "2afc",
    per_session: int = 100,
    sessions: int = 1,
    votes: int = 5,
    sentinels: int | None = None,
    repeats: int = 5,
    seed: int = 0,
) -> pa.Table:
    """Let people answer. Items are dealt to people so that each gets about `votes` of them, in rounds."""
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    columns: dict[str, list[object]] = {name: [] for name in VOTE_SCHEMA.names}
    count, turn = len(preferences), 0
    order = np.concatenate([rng.permutation(count) for _ in range(votes)])
    for number, person in enumerate(people):
        rate = norm.cdf(preferences / person.noise)
        for session in range(sessions):
            own = [int(order[(turn + k) % len(order)]) for k in range(per_session)]
            turn += per_session
            own = list(dict.fromkeys(own))
            rows: list[tuple[str, int | None, float, str | None]] = []
            rows += [("item", index, float(rate[index]), None) for index in own]
            rows += [("repeat", index, float(rate[index]), None) for index in own[:repeats]]
            if task == "2afc":
                for k in range(15 if sentinels is None else sentinels):
                    rows.append(("sentinel", None, float(k % 2), ("p0", "p1")[k % 2]))
            else:
                seen_alike = 1 - person.false_alarms if task == "jnd" else 1.0
                rows += [("sentinel", None, seen_alike, POSITIVE[task])] * (32 if task == "jnd" else 3)
                rows += [("sentinel", None, 0.0, NEGATIVE[task])] * (8 if task == "jnd" else 3)
            for place, (role, index, chance, expected) in enumerate(rows):
                p1_left = bool(rng.random() < 0.5)
                positive = bool(rng.random() < chance)
                if rng.random() < person.wrong:
                    positive = not positive
                if rng.random() < person.lapse:
                    left = rng.random() < person.left
                    positive = bool(left == p1_left) if task == "2afc" else bool(left)
                row = {
                    "person": f"{number:032x}",
                    "session": f"s{number}-{session}",
                    "platform": "link",
                    "task": task,
                    "role": role,
                    "subset": f"{task if task != 'similar' else '2afc'}/val/a" if role != "sentinel" else "",
                    "index": index,
                    "p1_left": p1_left if task == "2afc" else None,
                    "choice": POSITIVE[task] if positive else NEGATIVE[task],
                    "expected": expected,
                    "place": place,
                    "response_ms": float(person.median_ms * np.exp(rng.normal(0, person.sigma))),
                    "shown_ms": 3000.0,
                    "asked_ms": 3000.0,
                    "frame_ms": 16.7,
                    "received": 1.7e9 + 60.0 * number + place,
                    "counted": role == "item",
                    "reason": "",
                }
                for name, value in row.items():
                    columns[name].append(value)
    return pa.table(columns, schema=VOTE_SCHEMA)
