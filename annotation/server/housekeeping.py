"""Work between the answers: rules after finished sessions, priorities after every so many answers."""

from __future__ import annotations

import asyncio
import logging

from .context import Context

logger = logging.getLogger("bappsmith.annotation.server")


class Housekeeping:
    """Runs in the background, one piece of work at a time. What is asked meanwhile is done once, afterwards.

    Args:
        context: the running server.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asked = asyncio.Event()
        self._sessions = 0
        self._answers = 0

    def session_finished(self) -> None:
        """Note that a session is finished, so rules are applied soon."""
        self._sessions += 1
        self._asked.set()

    def answers_stored(self, count: int) -> None:
        """Note new answers. Where the next items depend on what is known, priorities are set now and then."""
        self._answers += count
        if self._priorities_are_due():
            self._asked.set()

    async def run(self) -> None:
        """Work until cancelled. A failure is logged, and people go on judging."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self._work()
            except Exception:
                logger.exception("rules or priorities failed; they are tried again after the next session")

    async def _work(self) -> None:
        if self._sessions:
            self._sessions = 0
            await self._context.slow.run(self._apply_rules)
        if self._priorities_are_due():
            self._answers = 0
            await self._context.slow.run(self._set_priorities)

    def _priorities_are_due(self) -> bool:
        enough = self._answers >= self._context.settings.answers_between_priorities
        return enough and self._context.study.settings.next == "information"

    def _apply_rules(self) -> None:
        from bappsmith.annotation.quality.apply_rules import apply_rules  # scipy.stats takes a second

        apply_rules(self._context.study)

    def _set_priorities(self) -> None:
        from bappsmith.annotation.selection.next_items import next_priorities

        study = self._context.study
        study.set_priorities(next_priorities(study))
