"""Everything that a lab can set for a study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.recipe.strict import Strict

from .task import Task


class TwoAlternatives(Strict):
    """Sessions of the task 2afc: a reference and two patches; which one is closer?

    Attributes:
        items: questions that count, per session. Chosen here: about ten minutes at 5 s a question.
        sentinels: questions with an obvious answer, per session (Zhang et al. 2018: 15).
        pass_mark: share of sentinels that a person must answer right (Zhang et al. 2018: 14 of 15).
        repeats: items that are asked a second time in the same session, for self-consistency. Chosen here.
        training: questions with feedback before the session. Chosen here.
        show_ms: time for which the patches are shown, ms (Zhang et al. 2018: about 3 s); 0: until the answer.
    """

    items: int = Field(default=100, ge=1, le=10_000)
    sentinels: int = Field(default=15, ge=0, le=1_000)
    pass_mark: float = Field(default=14 / 15, ge=0, le=1)
    repeats: int = Field(default=5, ge=0, le=1_000)
    training: int = Field(default=4, ge=0, le=100)
    show_ms: int = Field(default=3_000, ge=0, le=60_000)


class JustNoticeable(Strict):
    """Sessions of the task jnd: two patches one after the other; same or different?

    Attributes:
        items: pairs that count, per session (Zhang et al. 2018: 160).
        sentinels: pairs with an obvious answer, per session: four of five identical, the others very noisy (Zhang et
            al. 2018: 32 and 8).
        pass_mark_identical: share of identical pairs that a person must call the same. Chosen here: 21 of 32, which
            5.5 % of people who guess reach, and 98.3 % of those who call one such pair in five different.
        pass_mark_noisy: share of noisy pairs that a person must call different. Chosen here: 7 of 8, which 3.5 % of
            people who guess reach, and nobody who always answers "same".
        repeats: pairs that are asked a second time in the same session. Chosen here: none, as in the paper.
        training: pairs with feedback before the session. Chosen here.
        first_ms: time for which the reference is shown, ms (Zhang et al. 2018: 1 s).
        gap_ms: pause between reference and patch, ms (Zhang et al. 2018: 250 ms).
        second_ms: time for which the patch is shown, ms (Zhang et al. 2018: 1 s).
    """

    items: int = Field(default=160, ge=1, le=10_000)
    sentinels: int = Field(default=40, ge=0, le=1_000)
    pass_mark_identical: float = Field(default=21 / 32, ge=0, le=1)
    pass_mark_noisy: float = Field(default=7 / 8, ge=0, le=1)
    repeats: int = Field(default=0, ge=0, le=1_000)
    training: int = Field(default=4, ge=0, le=100)
    first_ms: int = Field(default=1_000, ge=16, le=60_000)
    gap_ms: int = Field(default=250, ge=0, le=60_000)
    second_ms: int = Field(default=1_000, ge=16, le=60_000)


class Similar(Strict):
    """Sessions of the task similar: a query and a candidate; similar or different? All figures are chosen here.

    Attributes:
        items: pairs that count, per session.
        sentinels: pairs with an obvious answer, per session: half identical, half unrelated.
        pass_mark: share of sentinels that a person must answer right.
        repeats: pairs that are asked a second time in the same session.
        training: pairs with feedback before the session.
        show_ms: time for which the pictures are shown, ms; 0: until the answer.
    """

    items: int = Field(default=60, ge=1, le=10_000)
    sentinels: int = Field(default=6, ge=0, le=1_000)
    pass_mark: float = Field(default=5 / 6, ge=0, le=1)
    repeats: int = Field(default=4, ge=0, le=1_000)
    training: int = Field(default=2, ge=0, le=100)
    show_ms: int = Field(default=0, ge=0, le=60_000)


class StudySettings(Strict):
    """Everything that a lab can set. It is stored in the study and does not change afterwards.

    Attributes:
        votes: people per item (Zhang et al. 2018: 2 in train, 5 in val).
        afc: sessions of the task 2afc.
        jnd: sessions of the task jnd.
        similar: sessions of the task similar.
        break_every: questions between two breaks; 0: no breaks. Chosen here.
        fastest_ms: a person with a median response time below this is set aside, ms. Chosen here: nobody compares two
            patches with a reference in less.
        lease_minutes: time after which an unanswered question goes back to the others. Chosen here.
        next: which items are asked first: any at random, or those that teach most.
        language: of the texts, as in the name of their folder.
        seed: of sides, places and pictures of sentinels, and of the order of items.
        completion_code: shown at the end of a session, for crowd platforms that give one code for all; empty: every
            session has a code of its own.
    """

    votes: int = Field(default=5, ge=1, le=1_000)
    afc: TwoAlternatives = TwoAlternatives()
    jnd: JustNoticeable = JustNoticeable()
    similar: Similar = Similar()
    break_every: int = Field(default=50, ge=0, le=10_000)
    fastest_ms: float = Field(default=300, ge=0, le=60_000)
    lease_minutes: float = Field(default=30, gt=0, le=1_440)
    next: Literal["random", "information"] = "random"
    language: str = Field(default="en", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    seed: int = Field(default=0, ge=0, lt=2**63)
    completion_code: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")

    def of(self, task: Task) -> TwoAlternatives | JustNoticeable | Similar:
        """Return the settings of the sessions of a task."""
        return {"2afc": self.afc, "jnd": self.jnd, "similar": self.similar}[task]


PARTS = {"afc": TwoAlternatives, "jnd": JustNoticeable, "similar": Similar}
"""Key of a study → model of the settings below it."""


def read_settings(folder: Path, text: str) -> StudySettings:
    """Read the settings that the study of a folder keeps, JSON.

    Raises:
        BappsmithError: another version of this program wrote them.
    """
    try:
        return StudySettings.model_validate_json(text)
    except ValidationError as error:
        reason = explain(error, "setting", StudySettings, PARTS)
        raise BappsmithError(
            f"{folder} holds settings that this version cannot read ({reason}); use the version of bappsmith that made "
            "it"
        ) from error


def differences(ours: StudySettings, theirs: StudySettings) -> Iterator[tuple[str, object, object]]:
    """Yield what differs: key, our value, their value. A task's settings have its name and a dot before their key."""
    yield from _differences(ours.model_dump(), theirs.model_dump(), "")


def _differences(ours: dict[str, Any], theirs: dict[str, Any], before: str) -> Iterator[tuple[str, object, object]]:
    for name, value in ours.items():
        if isinstance(value, dict):
            yield from _differences(value, theirs[name], f"{before}{name}.")
        elif value != theirs[name]:
            yield f"{before}{name}", value, theirs[name]
