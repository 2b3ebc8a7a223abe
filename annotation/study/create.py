"""Write the database of a new study."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from bappsmith.distortions.random import Draws
from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.store.atomic import atomic_write, remove_partials
from bappsmith.manifests.store.durable import sync_file

from .schema import FORMAT, ORDER_END, TABLES
from .secrets import Secret
from .settings import StudySettings
from .source import QuestionSource

_Item = tuple[str, int, float | None]
_ORDER = (1 << 64) - 1
"""Index of the stream that draws the order of items; sessions have others."""


def create_database(
    path: Path,
    source: QuestionSource,
    settings: StudySettings,
    items: Sequence[_Item] | None,
    secret: Secret,
    now: float,
) -> None:
    """Write the database of a study; the file is complete or absent.

    Args:
        path: of the file.
        source: of the pictures.
        settings: of the study.
        items: (subset, index, probability of inclusion); None: all of the source.
        secret: of the study.
        now: unix s.

    Raises:
        BappsmithError: an item is unknown or given twice, or there is none.
    """
    tasks = source.tasks()
    chosen = _all(source) if items is None else _checked(source, items)
    remove_partials(path)
    with atomic_write(path) as partial:
        with closing(sqlite3.connect(partial, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_mode = MEMORY")  # a killed run must leave no journal
            connection.execute("BEGIN")
            for statement in _statements(TABLES):
                connection.execute(statement)
            facts = {
                "format": FORMAT,
                "settings": settings.model_dump_json(),
                "fingerprint": source.fingerprint,
                "root": source.root,
                "secret": secret.mark,
                "created": str(now),
            }
            connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            connection.executemany(
                "INSERT INTO subsets (number, name, task) VALUES (?, ?, ?)",
                [(number, name, task) for number, (name, task) in enumerate(tasks.items())],
            )
            numbers = {name: number for number, name in enumerate(tasks)}
            connection.executemany(
                "INSERT INTO items (subset, position, task, inclusion, shuffle, wanted) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (numbers[name], position, task, inclusion, place, settings.votes)
                    for task in sorted(set(tasks.values()))
                    for (name, position, inclusion), place in _in_random_order(
                        [item for item in chosen if tasks[item[0]] == task],
                        Draws(secret.draw_key(settings.seed), _ORDER),
                    )
                ),
            )
            connection.execute("INSERT INTO tasks SELECT task, min(number), max(number) FROM items GROUP BY task")
            if connection.execute("SELECT 1 FROM tasks").fetchone() is None:
                raise BappsmithError(f"{source.root}: no item to ask about; choose subsets or items that hold some")
            connection.execute("COMMIT")
        sync_file(partial)
    sync_file(path)


def _all(source: QuestionSource) -> list[_Item]:
    return [(name, index, 1.0) for name in source.tasks() for index in range(source.count(name))]


def _checked(source: QuestionSource, items: Sequence[_Item]) -> list[_Item]:
    tasks = source.tasks()
    seen: set[tuple[str, int]] = set()
    for name, index, inclusion in items:
        if name not in tasks:
            raise unknown_name(f"subset of {source.root}", name, tasks)
        if not 0 <= index < source.count(name):
            raise BappsmithError(f"{source.root}: {name} has items 0 to {source.count(name) - 1}, found {index}")
        if inclusion is not None and not 0 < inclusion <= 1:
            raise BappsmithError(
                f"item {index} of {name}: the probability of inclusion must be in (0, 1], found {inclusion}"
            )
        if (name, index) in seen:
            raise BappsmithError(f"item {index} of {name} is given twice; give every item once")
        seen.add((name, index))
    return list(items)


def _in_random_order(items: list[_Item], draws: Draws) -> Generator[tuple[_Item, int]]:
    """Yield every item with its place in a random order: whole numbers in [0, `ORDER_END`), evenly spaced."""
    words = [draws.word() for _ in items]
    places = [0] * len(items)
    for rank, number in enumerate(sorted(range(len(items)), key=words.__getitem__)):
        places[number] = rank * ORDER_END // len(items)
    yield from zip(items, places, strict=True)


def _statements(text: str) -> Generator[str]:
    """Split SQL into statements: `executescript` would commit."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
