"""What people's browsers send: the forms of the requests below /api."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_ONE_DAY_MS = 86_400_000

Tab = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ShowingId = Annotated[str, Field(min_length=22, max_length=22, pattern=r"^[A-Za-z0-9_-]{22}$")]
Milliseconds = Annotated[float, Field(ge=0, le=_ONE_DAY_MS, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class Form(BaseModel):
    """A request body. Unknown keys are refused, and "3" is no number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class OpenForm(Form):
    """POST /api/open."""


class TabForm(Form):
    """POST /api/finish: the browser tab that asks."""

    tab: Tab


class StageForm(TabForm):
    """POST /api/stage: the part of the session that begins."""

    stage: Literal["consent", "instructions", "training", "questions", "done"]


class NextForm(TabForm):
    """POST /api/next: how many showings the browser wants to hold."""

    count: Annotated[int, Field(ge=1, le=12)]


class StepForm(Form):
    """One part of a JND showing (reference, gap or patch), as it was on the screen."""

    asked_ms: Milliseconds
    shown_ms: Milliseconds
    frames: Count


class TimingForm(Form):
    """How a showing was on the screen. None: the browser does not know.

    Attributes:
        shown_ms: how long the pictures stood.
        asked_ms: how long they were to stand; 0: until the answer.
        frame_ms: time of one frame of the screen.
        frames: number of frames that the pictures stood.
        early: whether the answer came before the pictures stood.
        early_presses: keys that were pressed before the pictures stood, and ignored.
        replays: how often the pictures were shown again.
        hidden: whether the page was hidden meanwhile.
        resized: whether the window changed its size meanwhile.
        warnings: what the person was warned of.
        steps: parts of a JND showing.
        dpr: device pixels per CSS pixel.
        factor: device pixels per pixel of the picture, along one side.
    """

    shown_ms: Milliseconds | None = None
    asked_ms: Milliseconds | None = None
    frame_ms: Milliseconds | None = None
    frames: Count | None = None
    early: bool = False
    early_presses: Count | None = None
    replays: Count | None = None
    hidden: bool | None = None
    resized: bool | None = None
    warnings: Annotated[list[Literal["small", "zoom", "fractional"]], Field(max_length=3)] | None = None
    steps: Annotated[list[StepForm], Field(max_length=3)] | None = None
    dpr: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] | None = None
    factor: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None


class AnswerForm(Form):
    """One answer. A time below 0 or no time says that the answer came before the question."""

    id: ShowingId
    choice: Literal["left", "right", "same", "different", "similar"]
    response_ms: Annotated[float, Field(ge=-_ONE_DAY_MS, le=_ONE_DAY_MS, allow_inf_nan=False)] | None = None
    timing: TimingForm = TimingForm()


class AnswersForm(Form):
    """POST /api/answers."""

    answers: Annotated[list[AnswerForm], Field(min_length=1, max_length=50)]
