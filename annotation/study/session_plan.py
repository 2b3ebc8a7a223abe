"""The places of a session: where sentinels and repeats stand, and which patch is on which side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from bappsmith.distortions.random import Draws

from .sentinels import SENTINELS, TRAINING
from .task import Role, Task

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Counts:
    """Number of questions per role."""

    items: int
    sentinels: int
    repeats: int
    training: int


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a session.

    Attributes:
        number: from 0; training comes first.
        role: of the question.
        p1_left: whether p1 is on the left; None where there are no sides.
        kind: what sort of made question this is (see `sentinels`); None: an item.
        original: place of the item that is repeated here; None: no repeat.
        draw: seed of what else is drawn for the place.
    """

    number: int
    role: Role
    p1_left: bool | None
    kind: str | None
    original: int | None
    draw: int


def in_proportion(counts: Counts, items: int) -> Counts:
    """Shorten a session to fewer items: sentinels and repeats in proportion, but at least three sentinels."""
    if items >= counts.items:
        return counts
    share = items / counts.items
    sentinels = min(counts.sentinels, max(3, round(counts.sentinels * share)))
    return Counts(items, sentinels, round(counts.repeats * share), counts.training)


_Question = tuple[Role, str | None, int | None]
"""Role, kind of a made question, place of the original of a repeat."""


@lru_cache(maxsize=512)
def plan_session(key: int, session: int, task: Task, counts: Counts) -> tuple[Place, ...]:
    """Draw the places of a session. Equal arguments give equal places.

    Sentinels may stand anywhere. A repeat stands in the last third with its sides exchanged, its original in the first
    third. The right answers of sentinels are on the left as often as on the right.

    Args:
        key: of the study, see `Secret.draw_key`.
        session: number of the session.
        task: of the session.
        counts: questions per role. Repeats are fewer if there are fewer items, or fewer places in the first third.
    """
    draws = Draws(key, session)
    items: list[_Question] = [("item", None, None)] * counts.items
    sentinels: list[_Question] = [("sentinel", kind, None) for kind in SENTINELS[task](counts.sentinels)]
    questions = items + sentinels
    _shuffle(questions, draws)
    third = len(questions) // 3
    repeats = min(counts.repeats, third, counts.items)
    while sum(role == "item" for role, _, _ in questions[:third]) < repeats:  # by chance, sentinels came first
        _exchange(questions, third, draws)
    repeated = [number for number, (role, _, _) in enumerate(questions[:third]) if role == "item"]
    _shuffle(repeated, draws)
    for original in repeated[:repeats]:
        place = 2 * third + draws.integer(len(questions) - 2 * third + 1)
        questions.insert(place, ("repeat", None, counts.training + original))
    kinds = TRAINING[task]
    training: list[_Question] = [("training", kinds[n % len(kinds)], None) for n in range(counts.training)]
    sides = _balanced(counts.sentinels, draws)
    drawn: list[Place] = []
    for number, (role, kind, original) in enumerate([*training, *questions]):
        if task != "2afc":
            left = None
        elif role == "sentinel":
            left = sides.pop()
        elif original is not None:
            left = not drawn[original].p1_left
        else:
            left = bool(draws.integer(2))
        drawn.append(Place(number, role, left, kind, original, draws.sub_seed()))
    return tuple(drawn)


def _exchange(questions: list[_Question], third: int, draws: Draws) -> None:
    """Exchange a sentinel of the first third with an item behind it."""
    early = [number for number, (role, _, _) in enumerate(questions[:third]) if role != "item"]
    late = [number for number, (role, _, _) in enumerate(questions) if number >= third and role == "item"]
    one, other = early[draws.integer(len(early))], late[draws.integer(len(late))]
    questions[one], questions[other] = questions[other], questions[one]


def _balanced(count: int, draws: Draws) -> list[bool]:
    """Draw sides, half of them left; an odd one is left or right by chance."""
    sides = [number % 2 == 0 for number in range(count + draws.integer(2))][-count:] if count else []
    _shuffle(sides, draws)
    return sides


def _shuffle(entries: list[_T], draws: Draws) -> None:
    for last in range(len(entries) - 1, 0, -1):
        other = draws.integer(last + 1)
        entries[last], entries[other] = entries[other], entries[last]
