"""One vote that another tool collected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportedVote:
    """One answer from another tool, checked, to be stored in a study.

    Attributes:
        where: file and line, for errors, such as "votes.csv line 7".
        identity: who answered, as the other tool names them. Only a salted hash is stored.
        session: one run of this person; "" if the tool knows of none.
        key: text that identifies the answer among those of this person: an import of the same answer adds nothing.
        task: "2afc", "jnd" or "similar".
        role: "item", "repeat" or "sentinel".
        subset: path of the subset.
        index: position in the subset, from 0; None for sentinels.
        p1_left: whether p1 stood on the left; None if unknown.
        choice: "p0" or "p1", "same" or "different", "similar" or "different".
        expected: right answer of a sentinel; None for other roles.
        place: position in the session, from 0; None if unknown.
        response_ms: response time; None if unknown.
    """

    where: str
    identity: str
    session: str
    key: str
    task: str
    role: str
    subset: str
    index: int | None
    p1_left: bool | None
    choice: str
    expected: str | None
    place: int | None
    response_ms: float | None
