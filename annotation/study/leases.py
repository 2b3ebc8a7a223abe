"""Showings: which question comes next for a person, and leases that return when nobody answers.

A showing of an item is a lease until it is answered or runs out. Leases that ran out return when someone needs an item.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import BappsmithError

from .schema import ORDER_END
from .sentinels import make_question
from .session_plan import Place, plan_session
from .sessions import check_tab, counts_of, find_session, random_id
from .task import Role, Task

MOST_AT_ONCE = 12
"""Showings that a session can hold unanswered."""


@dataclass(frozen=True, slots=True)
class Showing:
    """One question put to one person.

    Attributes:
        id: random, 22 characters; also the id of its answer.
        place: in the session, from 0; training comes first.
        role: item, repeat, sentinel or training. People must not learn it, except training.
    """

    id: str
    place: int
    role: Role


def return_leases(connection: sqlite3.Connection, now: float) -> None:
    """Give the items of leases that ran out back to the others."""
    ended = connection.execute(
        "SELECT showings.number, item, rule FROM showings JOIN persons ON persons.number = person "
        "WHERE state = 'open' AND expires IS NOT NULL AND expires <= ?",
        (now,),
    ).fetchall()
    for row in ended:
        connection.execute("UPDATE showings SET state = 'returned' WHERE number = ?", (row["number"],))
        if row["rule"] is None:
            connection.execute("UPDATE items SET leases = leases - 1 WHERE number = ?", (row["item"],))


def next_showings(
    connection: sqlite3.Connection, session: str, tab: str, count: int, key: int, lease: float, now: float
) -> list[Showing]:
    """Return the next questions of a session: first those that are open, in order, then new ones.

    Args:
        connection: inside a transaction.
        session: id of the session.
        tab: nonce of the tab that asks.
        count: questions, 1 to `MOST_AT_ONCE`.
        key: of the draws of the study.
        lease: time until an item returns to the others, s.
        now: unix s.

    Returns:
        At most `count` showings in the order of places. Fewer: the session has no more, or no item is left.

    Raises:
        UnknownError: there is no such session.
        WithdrawnError: the person withdrew.
        OtherTabError: the session was opened again elsewhere.
        BappsmithError: the session is in another stage than training or questions, or `count` is out of range.
    """
    row = find_session(connection, session)
    check_tab(row, tab)
    if not 1 <= count <= MOST_AT_ONCE:
        raise BappsmithError(f"count must be in [1, {MOST_AT_ONCE}], found {count}")
    if row["stage"] not in ("training", "questions"):
        raise BappsmithError(f"the session is in stage '{row['stage']}'; questions come in 'training' and 'questions'")
    plan = plan_session(key, row["number"], row["task"], counts_of(row))
    training = row["stage"] == "training"
    first, end = (0, row["training"]) if training else (row["training"], len(plan))
    desk = _Desk(connection, row, key, now, now + lease * 60)
    given = desk.open_ones(first, end, count)
    if len(given) < count:
        return_leases(connection, now)
        for place in desk.given_back(first, end):
            if len(given) < count:
                given += desk.show_again(plan[place])
        column = "next_training" if training else "next_question"
        place = row[column]
        while len(given) < count and place < end:
            given += desk.show(plan[place])
            place += 1
        connection.execute(f"UPDATE sessions SET {column} = ? WHERE number = ?", (place, row["number"]))
    return sorted(given, key=lambda showing: showing.place)


class _Desk:
    """Gives out the showings of one session."""

    def __init__(
        self, connection: sqlite3.Connection, session: sqlite3.Row, key: int, now: float, expires: float
    ) -> None:
        self._connection, self._session, self._key = connection, session, key
        self._now, self._expires = now, expires
        self._counts = session["rule"] is None
        self._task: Task = session["task"]

    def open_ones(self, first: int, end: int, count: int) -> list[Showing]:
        """Return the open showings, and renew their leases."""
        rows = self._connection.execute(
            "SELECT number, id, place, role FROM showings WHERE session = ? AND state = 'open' AND place >= ? "
            "AND place < ? ORDER BY place LIMIT ?",
            (self._session["number"], first, end, count),
        ).fetchall()
        for row in rows:
            self._connection.execute(
                "UPDATE showings SET expires = ? WHERE number = ? AND expires IS NOT NULL",
                (self._expires, row["number"]),
            )
        return [Showing(row["id"], row["place"], row["role"]) for row in rows]

    def given_back(self, first: int, end: int) -> list[int]:
        """Return the places whose leases ran out, and which have no other showing."""
        rows = self._connection.execute(
            "SELECT DISTINCT place FROM showings AS gone WHERE session = :session AND state = 'returned' "
            "AND place >= :first AND place < :end "
            "AND NOT EXISTS (SELECT 1 FROM showings WHERE session = :session AND place = gone.place "
            "AND state IN ('open', 'answered', 'empty')) ORDER BY place",
            {"session": self._session["number"], "first": first, "end": end},
        ).fetchall()
        return [row["place"] for row in rows]

    def show_again(self, place: Place) -> list[Showing]:
        """Give an item that went back to its person again, if it still lacks votes; else show another one."""
        row = self._connection.execute(
            "SELECT showings.number, id, item, wanted > votes + leases AS wanted FROM showings "
            "JOIN items ON items.number = item WHERE session = ? AND state = 'returned' AND place = ? "
            "ORDER BY showings.number DESC",
            (self._session["number"], place.number),
        ).fetchone()
        if not row["wanted"]:
            return self.show(place)
        self._connection.execute(
            "UPDATE showings SET state = 'open', expires = ? WHERE number = ?", (self._expires, row["number"])
        )
        self._take(row["item"])
        return [Showing(row["id"], place.number, place.role)]

    def show(self, place: Place) -> list[Showing]:
        """Show a place for the first time. Returns nothing if no item is left for it."""
        if place.kind is not None:
            return [self._made(place)]
        if place.original is not None:
            return self._repeat(place)
        item = self._choose(Draws(self._key ^ place.draw, self._session["number"]))
        if item is None:
            self._insert(place, state="empty")
            return []
        self._take(item)
        return [self._insert(place, item=item, p1_left=place.p1_left, expires=self._expires)]

    def _made(self, place: Place) -> Showing:
        draws = Draws(self._key ^ place.draw, self._session["number"])
        first, last = self._connection.execute("SELECT first, last FROM tasks WHERE name = ?", (self._task,)).fetchone()
        item = self._connection.execute(
            "SELECT name, position FROM items JOIN subsets ON subsets.number = subset WHERE items.number = ?",
            (first + draws.integer(last - first + 1),),
        ).fetchone()
        made = make_question(self._task, str(place.kind), item["name"], item["position"], draws)
        # `p1_left` of the plan says where the right answer stands.
        left = None if place.p1_left is None else place.p1_left == (made.expected == "p1")
        return self._insert(place, p1_left=left, made=made.to_json(), expected=made.expected)

    def _repeat(self, place: Place) -> list[Showing]:
        original = self._connection.execute(
            "SELECT item, p1_left FROM showings WHERE session = ? AND place = ? AND state IN ('open', 'answered') "
            "ORDER BY number DESC",
            (self._session["number"], place.original),
        ).fetchone()
        if original is None:
            self._insert(place, state="empty")
            return []
        left = None if original["p1_left"] is None else not original["p1_left"]
        return [self._insert(place, item=original["item"], p1_left=left)]

    def _choose(self, draws: Draws) -> int | None:
        """Choose an item that lacks votes and that the person never had: of the highest priority, any of these."""
        open_items = (
            "SELECT number, priority FROM items INDEXED BY items_to_ask WHERE task = ? AND wanted > votes + leases "
            "AND {} AND NOT EXISTS (SELECT 1 FROM showings WHERE person = ? AND item = items.number AND role = 'item' "
            "AND item IS NOT NULL) ORDER BY priority DESC, shuffle LIMIT 1"
        )
        person = self._session["person"]
        top = self._connection.execute(open_items.format("1"), (self._task, person)).fetchone()
        if top is None:
            return None
        # The first item after a random point of the order, or the first of all.
        after = self._connection.execute(
            open_items.format("priority = ? AND shuffle >= ?"),
            (self._task, top["priority"], draws.integer(ORDER_END), person),
        ).fetchone()
        return (after or top)["number"]

    def _take(self, item: int) -> None:
        if self._counts:
            self._connection.execute("UPDATE items SET leases = leases + 1 WHERE number = ?", (item,))

    def _insert(
        self,
        place: Place,
        *,
        item: int | None = None,
        p1_left: bool | None = None,
        made: str | None = None,
        expected: str | None = None,
        expires: float | None = None,
        state: str = "open",
    ) -> Showing:
        showing = Showing(random_id(), place.number, place.role)
        self._connection.execute(
            "INSERT INTO showings (id, session, person, place, role, item, p1_left, made, expected, shown, expires, "
            "state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                showing.id,
                self._session["number"],
                self._session["person"],
                place.number,
                place.role,
                item,
                p1_left,
                made,
                expected,
                self._now,
                expires,
                state,
            ),
        )
        return showing
