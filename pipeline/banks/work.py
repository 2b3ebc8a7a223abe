"""What is done of a bank in training: the folder `.bank` with settings, lock and an entry per network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.schema.photograph import Photograph
from bappsmith.manifests.store.atomic import atomic_write_bytes, sha256_file

WORK = ".bank"
SETTINGS = "run.json"


class BankWork:
    """The work folder of one bank.

    Args:
        root: the bank's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / WORK

    @contextmanager
    def writing(
        self, settings: dict[str, Any], photographs: Sequence[Photograph], trunk_weights: str | None
    ) -> Iterator[None]:
        """Begin the bank, or go on with it, as the only process that does.

        Args:
            settings: JSON values that decide what is trained; a bank begun with others is refused.
            photographs: those to train on, for the workers.
            trunk_weights: of the feature loss, for the workers.

        Raises:
            BappsmithError: the folder holds something else, a bank with other settings or one with a damaged record of
                them, or another process is training it.
        """
        if self.root.exists() and not self.root.is_dir():
            raise BappsmithError(f"{self.root} is a file; choose an empty or new folder for --out")
        others = self.root.is_dir() and any(path.name != WORK for path in self.root.iterdir())
        # A run that was killed before it wrote its settings leaves the work folder alone: that is no other's bank.
        if others and not (self.folder / SETTINGS).is_file():
            raise BappsmithError(f"{self.root} holds files that are no bank; choose an empty or new folder for --out")
        self._refuse_other(settings)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "lock", timeout=0):
                self._refuse_other(settings)
                for partial in self.folder.glob("*.partial"):  # of a run that was killed while it wrote
                    partial.unlink(missing_ok=True)
                data = {
                    "settings": settings,
                    "trunk_weights": trunk_weights,
                    "photographs": [asdict(photo) for photo in photographs],
                }
                atomic_write_bytes(self.folder / SETTINGS, json.dumps(data).encode(), self.folder)
                yield
        except Timeout as error:
            raise BappsmithError(f"another run is training {self.root}; wait for its end") from error

    def begun(self) -> dict[str, Any]:
        """What `writing` was given: settings, photographs, trunk_weights; JSON values.

        Raises:
            BappsmithError: it is damaged.
        """
        path = self.folder / SETTINGS
        try:
            data = json.loads(path.read_bytes())
        except ValueError:
            data = None
        if not isinstance(data, dict) or not {"settings", "photographs", "trunk_weights"} <= set(cast("Any", data)):
            raise BappsmithError(f"{path} is damaged; remove {self.root} and train the bank again")
        return cast("dict[str, Any]", data)

    def entry(self, number: int) -> dict[str, Any] | None:
        """The result of training a network; None: it is not trained, or its entry or its file is damaged."""
        try:
            entry = json.loads(self._entry(number).read_bytes())
            if "file" in entry:
                whole = sha256_file(self.root / entry["file"]) == entry["sha256"] and {"spec", "record"} <= set(entry)
            else:
                whole = bool(entry["rejected"][-1]["fault"])
        except (OSError, ValueError, TypeError, LookupError):
            return None
        return entry if whole else None

    def enter(self, number: int, entry: dict[str, Any]) -> None:
        """Record the result of training a network, after its file is written."""
        path = self._entry(number)
        path.parent.mkdir(exist_ok=True)
        atomic_write_bytes(path, json.dumps(entry).encode(), self.folder)

    def _entry(self, number: int) -> Path:
        return self.folder / "entries" / f"{number:03d}.json"

    def _refuse_other(self, settings: dict[str, Any]) -> None:
        if not (self.folder / SETTINGS).is_file():
            return
        before = self.begun()["settings"]
        differing = [key for key in settings if before.get(key) != settings[key]]
        if differing:
            raise BappsmithError(
                f"{self.root} holds a bank with other settings ({', '.join(differing)} differ); choose another folder "
                "for --out"
            )
