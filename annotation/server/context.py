"""What the routes share: the study, the settings and the threads."""

from __future__ import annotations

from dataclasses import dataclass, field

from bappsmith.annotation.study.study import Study

from .pool import Pool
from .settings import ServerSettings


@dataclass
class Context:
    """One running server.

    Attributes:
        study: the study, open for writing.
        settings: what the lab told the server.
        database: threads for calls of the study.
        encoding: threads that read and encode pictures, apart from those that answers wait for.
        tasks: names of the tasks that the study asks about.
        slow: one thread for rules, priorities and figures of the status page.
    """

    study: Study
    settings: ServerSettings
    database: Pool = field(init=False)
    encoding: Pool = field(init=False)
    slow: Pool = field(init=False)
    tasks: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.database = Pool(self.settings.threads, "annotate-database")
        self.encoding = Pool(self.settings.picture_threads, "annotate-pictures")
        self.slow = Pool(1, "annotate-slow")
        self.tasks = tuple(sorted(self.study.progress().tasks))

    def close(self) -> None:
        """Finish the calls in work and end the threads. The study stays open."""
        for pool in (self.encoding, self.database, self.slow):
            pool.close()
