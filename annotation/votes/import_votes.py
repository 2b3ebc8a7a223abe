"""Check votes from elsewhere, line by line, and store them in a study: all of them, or none."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bappsmith.annotation.quality.task_answers import NEGATIVE, POSITIVE
from bappsmith.annotation.study.imports import ImportedVote
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .vote_rows import VoteRow, read_rows

if TYPE_CHECKING:
    from bappsmith.annotation.study.source import QuestionSource
    from bappsmith.annotation.study.study import Study

SHOWN = 20
"""Wrong lines that an error names."""
LONGEST_NAME = 200
"""Characters of the name of a person or session."""


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        added: new answers.
        again: answers that the study already had.
    """

    added: int
    again: int


class _WrongRowError(Exception):
    """A value of a row is not allowed."""


def import_votes(study: Study, source: QuestionSource, path: Path) -> Imported:
    """Import a file of votes, see `read_rows` for its form. The same file again adds nothing.

    The file is read twice: it is checked as a whole before anything is stored.

    Args:
        study: open for writing.
        source: what is judged.
        path: CSV or JSON file.

    Raises:
        BappsmithError: a row is wrong (the first 20 are named), or an answer contradicts one that is stored.
    """
    check_votes(path, source)
    added, again = study.import_votes(checked_votes(path, source))
    return Imported(added, again)


def check_votes(path: Path, source: QuestionSource) -> int:
    """Check all rows of a file; return their number.

    Args:
        path: CSV or JSON file.
        source: what is judged.

    Raises:
        BappsmithError: rows are wrong, or there are none.
    """
    tasks, counts = _subsets(source)
    wrong: list[str] = []
    total = number = 0
    first: dict[bytes, str] = {}
    for row in read_rows(path):
        number += 1
        try:
            vote = _vote(path, row, tasks, counts, 0)
            if vote.role == "item":
                _check_once(vote, row.where, first)
        except _WrongRowError as error:
            total += 1
            if len(wrong) < SHOWN:
                wrong.append(f"  {row.where}: {error}")
    if wrong:
        others = [f"  and {total - SHOWN:,} others"] if total > SHOWN else []
        head = (
            f"{path}: {total:,} of {number:,} votes are wrong, so nothing was imported; correct them and import again"
        )
        raise BappsmithError("\n".join([head, *wrong, *others]))
    if not number:
        raise BappsmithError(f"{path} holds no votes; every line needs subset, index, person and choice")
    return number


def _subsets(source: QuestionSource) -> tuple[dict[str, str], dict[str, int]]:
    tasks = source.tasks()
    return {subset: str(task) for subset, task in tasks.items()}, {subset: source.count(subset) for subset in tasks}


def _check_once(vote: ImportedVote, where: str, first: dict[bytes, str]) -> None:
    key = hashlib.blake2b(f"{vote.identity}\n{vote.key}".encode(), digest_size=16).digest()
    if key in first:
        raise _WrongRowError(
            f"{vote.identity} judged item {vote.index} of {vote.subset} on {first[key]} already; call a second "
            "judgment a repeat in the column role"
        )
    first[key] = where


def checked_votes(path: Path, source: QuestionSource) -> Iterator[ImportedVote]:
    """Read the votes of a file that `check_votes` accepted; arguments as there."""
    tasks, counts = _subsets(source)
    seen: dict[bytes, int] = {}
    for row in read_rows(path):
        try:
            vote = _vote(path, row, tasks, counts, 0)
            if vote.role != "item":
                key = hashlib.blake2b(f"{vote.identity}\n{vote.key}".encode(), digest_size=16).digest()
                seen[key] = seen.get(key, -1) + 1
                vote = _vote(path, row, tasks, counts, seen[key])
        except _WrongRowError as error:
            raise BappsmithError(f"{path}, {row.where}: {error}; the file changed while it was imported") from None
        yield vote


def _vote(
    path: Path, row: VoteRow, tasks: Mapping[str, str], counts: Mapping[str, int], occurrence: int
) -> ImportedVote:
    if row.problem:
        raise _WrongRowError(row.problem)
    values = row.values
    subset, role = values["subset"], values["role"] or "item"
    if subset not in tasks:
        raise _WrongRowError(f"subset '{_shown(subset)}' is not one of {', '.join(tasks)}")
    task = tasks[subset]
    if role not in ("item", "repeat", "sentinel"):
        raise _WrongRowError(f"role '{_shown(role)}' is not item, repeat or sentinel")
    choices = (NEGATIVE[task], POSITIVE[task])
    choice = _choice("choice", values["choice"], choices)
    expected = None
    if role == "sentinel":
        expected = _choice("expected", values["expected"], choices)
    elif values["expected"]:
        raise _WrongRowError("expected is for sentinels only; leave it empty")
    index = None if role == "sentinel" else _index(values["index"], subset, counts[subset])
    left = values["left"]
    if left and (task != "2afc" or left not in ("p0", "p1")):
        allowed = "p0 or p1" if task == "2afc" else "for 2afc only; leave it empty"
        raise _WrongRowError(f"left '{_shown(left)}' is not allowed ({allowed})")
    person, session = _name("person", values["person"]), values["session"] and _name("session", values["session"])
    key = ["item", subset, index] if role == "item" else [role, subset, index, session, expected, occurrence]
    return ImportedVote(
        where=f"{path.name}, {row.where}",
        identity=person,
        session=session,
        key=json.dumps(key),
        task=task,
        role=role,
        subset=subset,
        index=index,
        p1_left=left == "p1" if left else None,
        choice=choice,
        expected=expected,
        place=_whole("place", values["place"], 1_000_000) if values["place"] else None,
        response_ms=_time(values["response_ms"]),
    )


def _choice(column: str, text: str, choices: tuple[str, str]) -> str:
    if text not in choices:
        raise _WrongRowError(f"{column} '{_shown(text)}' is not {choices[0]} or {choices[1]}")
    return text


def _index(text: str, subset: str, count: int) -> int:
    index = _whole("index", text, count - 1)
    if index >= count:
        raise _WrongRowError(f"index {index} is not in {subset}, which has items 0 to {count - 1}")
    return index


def _whole(column: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise _WrongRowError(f"{column} '{_shown(text)}' is not a whole number from 0 to {most}")
    return int(text)


def _time(text: str) -> float | None:
    if not text:
        return None
    try:
        time = float(text)
    except ValueError:
        time = math.nan
    if not 0 <= time <= 86_400_000:
        raise _WrongRowError(f"response_ms '{_shown(text)}' is not a time in ms from 0 to 86400000")
    return time


def _name(column: str, text: str) -> str:
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise _WrongRowError(f"{column} '{_shown(text)}' is not a name of 1 to {LONGEST_NAME} printable characters")
    return text


def _shown(text: str) -> str:
    return printable(text, 60)
