"""The work log of a bank in training: an entry for each network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.atomic import sha256_file
from bappsmith.manifests.work_log import BANK, WorkLog

GROUP = "networks"


class BankLog(WorkLog):
    """The work log of one bank.

    Args:
        root: the bank's folder.
    """

    def __init__(self, root: Path | str) -> None:
        super().__init__(root, BANK)
        self.folder = Path(root)

    @contextmanager
    def training(
        self, settings: dict[str, Any], photographs: Sequence[Photograph], trunk_weights: str | None
    ) -> Iterator[None]:
        """Begin or continue the bank, as the only process that works on it; see `WorkLog.at_work`.

        Args:
            settings: JSON values that decide what is trained; a bank with other settings is refused.
            photographs: the photographs to train on, for the workers.
            trunk_weights: weights of the feature loss, for the workers.

        Raises:
            BappsmithError: the folder holds another bank or other files, or another process works on it.
        """
        facts = {
            "settings": settings,
            "photographs": [asdict(photo) for photo in photographs],
            "trunk_weights": trunk_weights,
        }
        with self.at_work(self.parts(settings), facts):
            yield

    @staticmethod
    def parts(settings: dict[str, Any]) -> dict[str, str]:
        """Return the settings as parts of a work log: setting → value as JSON."""
        return {name: json.dumps(value, sort_keys=True) for name, value in settings.items()}

    def result(self, number: int) -> dict[str, Any] | None:
        """Return the result of training a network; None if it is not trained, or its entry or file is damaged."""
        try:
            entry = json.loads(self.store.read(self.entry(GROUP, number, "json")))
            if "file" in entry:
                whole = sha256_file(self.folder / entry["file"]) == entry["sha256"] and {"spec", "record"} <= set(entry)
            else:
                whole = bool(entry["rejected"][-1]["fault"])
        except (OSError, ValueError, TypeError, LookupError):
            return None
        return entry if whole else None

    def enter(self, number: int, entry: dict[str, Any]) -> None:
        """Record the result of training a network, after its file is written."""
        self.record(GROUP, number, "json", json.dumps(entry).encode())
