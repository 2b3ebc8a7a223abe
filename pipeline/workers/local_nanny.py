"""The process beside a local worker that starts it, restarts it, and ends it."""

from __future__ import annotations

from contextlib import suppress

from distributed import Nanny


class LocalNanny(Nanny):
    """A nanny that does not mind a killed worker that is gone late.

    A worker that does not end by itself in 4 s is killed. A busy machine may take more than the next few seconds to
    remove it; for Dask that is an error, which would come after all work is done.
    """

    async def kill(self, timeout: float = 5, reason: str = "nanny-kill") -> None:
        """End the worker; return when it is gone, or was killed."""
        with suppress(TimeoutError):
            await super().kill(timeout=timeout, reason=reason)
