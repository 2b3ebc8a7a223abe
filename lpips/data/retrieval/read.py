"""Read a file of pairs, and refuse what cannot be judged or scored."""

from __future__ import annotations

import os
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .pair_set import Pair, PairSet
from .rows import Row, as_number, read_pair_rows

MAX_NAME = 4096
"""Longest name of an image, characters: the longest path of Linux."""


def read_pairs(path: str | Path, folder: str | Path) -> PairSet:
    """Read a file of pairs.

    Columns `query` and `candidate` are names of images from the folder. Votes are either `similar` of `votes` people,
    or their `share`; a pair with `votes` 0 or empty cells is not judged. `inclusion` and `found_by` are read too, other
    columns are ignored.

    Args:
        path: CSV (UTF-8, names of columns in the first line) or Parquet (suffix .parquet).
        folder: of the images. No name leaves it.

    Raises:
        BappsmithError: a file or image is missing, a name leaves the folder, a column is missing, a value is out of
            range, or a pair occurs twice. The line is named.
    """
    path, folder = Path(path), Path(folder)
    if not folder.is_dir():
        raise BappsmithError(f"{folder}: no such folder; give the folder of the images")
    columns, rows = read_pair_rows(path)
    votes = [name for name in ("similar", "votes", "share") if name in columns]
    if not {"query", "candidate"} <= set(columns) or votes not in ([], ["similar", "votes"], ["share"]):
        raise BappsmithError(
            f"{path}: the columns are query and candidate, and for judged pairs similar and votes (how many of how "
            f"many people), or share; found {', '.join(columns) or 'none of them'}"
        )
    pairs: dict[tuple[str, str], Pair] = {}
    names: dict[str, str] = {}
    for where, row in rows:
        pair = _pair(row, f"{path}: {where}")
        if (pair.query, pair.candidate) in pairs:
            raise BappsmithError(
                f"{path}: {where}: the pair {printable(pair.query)}, {printable(pair.candidate)} occurs twice; keep one"
            )
        pairs[pair.query, pair.candidate] = pair
        names.setdefault(pair.query, where)
        names.setdefault(pair.candidate, where)
    if not pairs:
        raise BappsmithError(f"{path}: no pairs; add lines with query and candidate")
    _refuse_missing(path, folder, names)
    return PairSet(folder, path, tuple(pairs.values()))


def _pair(row: Row, where: str) -> Pair:
    query, candidate = (_name(row[column], column, where) for column in ("query", "candidate"))
    if query == candidate:
        raise BappsmithError(f"{where}: query and candidate are the same image, {printable(query)}; remove the line")
    numbers: dict[str, float | None] = {}
    for column in ("similar", "votes", "share", "inclusion"):
        try:
            numbers[column] = as_number(row.get(column))
        except (TypeError, ValueError):
            raise BappsmithError(
                f"{where}: {column} is a number, found '{printable(str(row.get(column)), 40)}'; mend it"
            ) from None
    share, count = numbers["share"], 0
    similar, votes = numbers["similar"], numbers["votes"]
    if similar is not None or votes is not None:
        similar, votes = similar or 0.0, votes or 0.0
        if not (0 <= similar <= votes <= 2**31 - 1 and similar.is_integer() and votes.is_integer()):
            raise BappsmithError(
                f"{where}: similar and votes are whole numbers, and similar is at most votes; found {similar:g} of "
                f"{votes:g}; mend it"
            )
        share, count = (similar / votes if votes else None), int(votes)
    if share is not None and not 0 <= share <= 1:
        raise BappsmithError(f"{where}: share is from 0 to 1, found {share:g}; mend it")
    inclusion = numbers["inclusion"]
    if inclusion is not None and not 0 < inclusion <= 1:
        raise BappsmithError(f"{where}: inclusion is a probability above 0, found {inclusion:g}; mend it")
    return Pair(query, candidate, share, count, inclusion, str(row.get("found_by") or ""))


def _name(value: str | float | None, column: str, where: str) -> str:
    """Return the name of an image without `.` and doubled slashes."""
    name = str(value or "")
    shown = printable(name, 80)
    if not name:
        raise BappsmithError(f"{where}: {column} is empty; name an image")
    if len(name) > MAX_NAME:
        raise BappsmithError(f"{where}: {column} has {len(name):,} characters, at most {MAX_NAME:,}; mend it")
    parts = name.split("/")
    if "\0" in name or ".." in parts or os.path.isabs(name) or os.path.splitdrive(name)[0]:
        raise BappsmithError(f"{where}: {column} '{shown}' leaves the folder; name an image inside of it")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise BappsmithError(f"{where}: {column} '{shown}' is not UTF-8; rename the image") from None
    return "/".join(part for part in parts if part not in ("", "."))


def _refuse_missing(path: Path, folder: Path, names: dict[str, str]) -> None:
    root = os.path.realpath(folder)
    missing = []
    for name, where in names.items():
        real = os.path.realpath(os.path.join(root, name))
        if not real.startswith(os.path.join(root, "")):
            raise BappsmithError(
                f"{path}: {where}: {printable(name, 80)} is a link that leaves {folder}; put the image inside"
            )
        if not os.path.isfile(real):
            missing.append(f"{printable(name, 80)} ({where})")
    if missing:
        more = f" and {len(missing) - 3:,} more" if len(missing) > 3 else ""
        raise BappsmithError(
            f"{path}: images are missing in {folder}: {', '.join(missing[:3])}{more}; add them, or remove their lines"
        )
