"""What a study was begun with, and refusal of anything else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError

from .errors import ChangedError
from .schema import FORMAT
from .settings import StudySettings, differences
from .source import QuestionSource


def read_facts(connection: sqlite3.Connection, database: Path, mark: str) -> dict[str, str]:
    """Read the facts of a study: name → value, as text.

    Args:
        connection: to the database.
        database: its file, in the folder of the study.
        mark: of the secret that is there now.

    Raises:
        BappsmithError: the database is no study, or one of another format or with another secret.
    """
    folder = database.parent
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone() is None:
        raise BappsmithError(f"{database} is no study; restore it from a copy")
    facts = dict(connection.execute("SELECT name, value FROM facts").fetchall())
    if facts.get("format") != FORMAT:
        raise BappsmithError(
            f"{folder} is a study of format {facts.get('format')}, this version reads format {FORMAT}; use the version "
            "of bappsmith that made it"
        )
    if facts.get("secret") != mark:
        raise BappsmithError(
            f"{folder}: its secret is not the one that the study began with, so nobody would be recognised; restore it "
            "from a copy of the study"
        )
    return facts


def refuse_other_source(folder: Path, facts: dict[str, str], source: QuestionSource) -> None:
    """Refuse a source that a study did not begin with.

    Raises:
        ChangedError: see above.
    """
    if source.fingerprint != facts["fingerprint"]:
        raise ChangedError(
            f"{source.root} is not what {folder} began with (other pictures or subsets than those of {facts['root']}); "
            "restore it, or begin another study"
        )


def refuse_other_settings(folder: Path, began: StudySettings, given: StudySettings) -> None:
    """Refuse settings that a study did not begin with.

    Raises:
        BappsmithError: see above; it names the first that differs.
    """
    if given != began:
        name, ours, theirs = next(differences(began, given))
        raise BappsmithError(
            f"{folder} began with {name} = {ours}, found {theirs}; leave it out, or begin another study"
        )
