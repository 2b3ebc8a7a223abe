"""The API of the page: open, stage, next, answers, finish."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bappsmith.annotation.study.answers import Answer, Receipt
from bappsmith.annotation.study.sessions import Session
from bappsmith.annotation.study.settings import JustNoticeable, Similar, TwoAlternatives

from .context import Context
from .cookie import Entry, read_cookie, session_id, set_session
from .forms import AnswerForm, AnswersForm, NextForm, OpenForm, StageForm, TabForm
from .housekeeping import Housekeeping
from .limits import read_json
from .replies import RefusedError

F = TypeVar("F", bound=BaseModel)

_PICTURES = {
    "2afc": ("ref", "left", "right"),
    "jnd": ("first", "second"),
    "similar": ("query", "candidate"),
}
"""Task → names of its pictures, in the order in which they are shown."""
_FURTHER = {"early_presses", "replays", "hidden", "resized", "warnings", "steps"}
"""Keys of the timing that are stored as they came."""


class Api:
    """Handlers of POST /api/…. Every call of the study runs in a thread.

    Args:
        context: the running server.
        housekeeping: what is told of new answers and finished sessions.
    """

    def __init__(self, context: Context, housekeeping: Housekeeping) -> None:
        self._context = context
        self._study = context.study
        self._run = context.database.run
        self._housekeeping = housekeeping

    def routes(self) -> list[Route]:
        """Return the routes."""
        handlers = {
            "open": self._open,
            "stage": self._stage,
            "next": self._next,
            "answers": self._answers,
            "finish": self._finish,
        }
        return [Route(f"/api/{name}", handler, methods=["POST"]) for name, handler in handlers.items()]

    async def _open(self, request: Request) -> Response:
        await self._read(request, OpenForm)
        cookie = read_cookie(request, self._context)
        if cookie is None:
            raise RefusedError(403, "This browser sent no cookie. Please allow cookies and open your link again.")
        session, tab = await self._run(self._open_session, cookie)
        task = self._study.settings.of(session.task)
        reply: dict[str, Any] = {
            "session": session.id,
            "tab": tab,
            "task": session.task,
            "stage": session.stage,
            "progress": {"done": session.done, "total": session.total},
            "settings": _durations(task) | {"break_every": self._study.settings.break_every, "training": task.training},
            "language": self._context.settings.texts.language,
        }
        if session.stage == "done":
            reply |= self._ending(await self._run(self._study.finish, session.id))
        response = JSONResponse(reply)
        set_session(response, self._context, session.id)
        return response

    def _open_session(self, cookie: Entry | str) -> tuple[Session, str]:
        if isinstance(cookie, str):
            session = self._study.session(cookie)
        else:
            person = cookie.person or self._study.enter("anonymous", cookie.anonymous)
            session = self._study.session_of(person, cookie.task, visit=cookie.visit)
        return session, self._study.open_tab(session.id)

    async def _stage(self, request: Request) -> Response:
        form = await self._read(request, StageForm)
        session = session_id(request, self._context)

        def change() -> None:
            self._study.check_tab(session, form.tab)
            self._study.set_stage(session, form.stage)

        await self._run(change)
        return JSONResponse({"stage": form.stage})

    async def _next(self, request: Request) -> Response:
        form = await self._read(request, NextForm)
        session = session_id(request, self._context)

        def draw() -> dict[str, Any]:
            showings = self._study.next_showings(session, form.tab, form.count)
            now = self._study.session(session)
            rows = [
                {
                    "id": showing.id,
                    "place": showing.place,
                    "training": showing.role == "training",
                    "pictures": {name: f"/picture/{showing.id}/{name}.png" for name in _PICTURES[now.task]},
                }
                for showing in showings
            ]
            return {"showings": rows, "done": now.done, "total": now.total}

        return JSONResponse(await self._run(draw))

    async def _answers(self, request: Request) -> Response:
        form = await self._read(request, AnswersForm)
        session = session_id(request, self._context)

        def store() -> tuple[list[Receipt], Session]:
            receipts = self._study.answer(session, [_answer(one) for one in form.answers])
            return receipts, self._study.session(session)

        receipts, now = await self._run(store)
        self._housekeeping.answers_stored(sum(receipt.status == "stored" for receipt in receipts))
        return JSONResponse({"receipts": [_receipt(one) for one in receipts], "done": now.done, "total": now.total})

    async def _finish(self, request: Request) -> Response:
        form = await self._read(request, TabForm)
        session = session_id(request, self._context)

        def finish() -> str:
            self._study.check_tab(session, form.tab)
            return self._study.finish(session)

        code = await self._run(finish)
        self._housekeeping.session_finished()
        return JSONResponse(self._ending(code))

    def _ending(self, code: str) -> dict[str, str]:
        return_url = self._context.settings.return_url
        return {"code": code} | ({"return_url": return_url} if return_url else {})

    async def _read(self, request: Request, form: type[F]) -> F:
        settings = self._context.settings
        return await read_json(request, form, largest=settings.largest_body, seconds=settings.body_seconds)


def _durations(settings: TwoAlternatives | JustNoticeable | Similar) -> dict[str, int]:
    """Return how long pictures are shown, ms, under the names that the page knows."""
    if isinstance(settings, JustNoticeable):
        return {"reference_ms": settings.first_ms, "gap_ms": settings.gap_ms, "patch_ms": settings.second_ms}
    return {"show_ms": settings.show_ms}


def _answer(form: AnswerForm) -> Answer:
    timing = form.timing
    return Answer(
        id=form.id,
        choice=form.choice,
        response_ms=form.response_ms,
        shown_ms=timing.shown_ms,
        asked_ms=timing.asked_ms,
        frame_ms=timing.frame_ms,
        frames=timing.frames,
        early=timing.early,
        dpr=timing.dpr,
        factor=timing.factor,
        timing=timing.model_dump_json(include=_FURTHER, exclude_none=True),
    )


def _receipt(receipt: Receipt) -> dict[str, Any]:
    row: dict[str, Any] = {"id": receipt.id, "status": receipt.status}
    if receipt.reason:
        row["reason"] = receipt.reason
    if receipt.right is not None:
        row["right"] = receipt.right
    return row
