"""What is done of a piece of work, who is at it, and whether this run may go on: for datasets, banks and trainings.

While something is made, `.bappsmith/` inside its folder holds

- `begin.json`: the kind of work, and what it is made from;
- `entries/GROUP/NNNNNN.SUFFIX`: one file for each finished part, written after everything that belongs to the part has
  reached the disk;
- `lock`: held by the run that is at it, where the store is a folder of this machine.

At the end one file (the seal of a dataset, the index of a bank, the record of a training) says the same for good, with a
hash of itself, and `.bappsmith/` is removed. A damaged entry counts as missing: its part is made again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .errors import BappsmithError
from .sealed_json import DamagedError, read_sealed, sealed_bytes
from .store.open import open_store
from .store.store import WORK

BEGIN = f"{WORK}/begin.json"


@dataclass(frozen=True)
class Kind:
    """A kind of work.

    Attributes:
        name: "dataset", "bank" or "training".
        final: the file that says that it is finished.
        command: that makes it or goes on with it.
    """

    name: str
    final: str
    command: str


DATASET = Kind("dataset", "seal.json", "bappsmith generate")
BANK = Kind("bank", "bank.json", "bappsmith bank train")
TRAINING = Kind("training", "training.json", "bappsmith train")
LABELLING = "labelling"
"""Kind of a log in a finished dataset, while a labelling is added: the dataset is sound meanwhile."""
ACTIVATION = "activation"
"""Kind of a log in a finished dataset, while another labelling is made the active one: judgments are mixed meanwhile."""


class WorkLog:
    """The log of one piece of work.

    Args:
        root: folder or address of what is made.
        kind: of work.

    Attributes:
        root: as it was given.
        store: the files there.
    """

    def __init__(self, root: Path | str, kind: Kind) -> None:
        self.root = str(root)
        self.kind = kind
        self.store = open_store(root)

    @property
    def finished(self) -> bool:
        """Whether the work is finished, by a file that is whole."""
        try:
            read_sealed(self.store, self.kind.final)
        except (FileNotFoundError, DamagedError):
            return False
        return True

    @contextmanager
    def at_work(self, parts: Mapping[str, str], facts: Mapping[str, Any]) -> Iterator[None]:
        """Begin, or go on with equal work; nobody else may write there meanwhile.

        Object stores have no locks: at an address, equal runs write equal files and do no harm to each other, and
        others are refused.

        Args:
            parts: what the work is made from → digest or value; work with other parts is refused.
            facts: JSON values for `read_begin`, for workers.

        Raises:
            BappsmithError: the folder holds something else, or work with other parts, or another run is at it.
        """
        self.refuse_misfit(parts)
        if self.finished:
            self.tidy()
            yield  # nothing else will be written
            return
        with self.alone():
            self.refuse_misfit(parts)  # another run may have begun, or ended, a moment ago
            if self.finished:
                self._remove_own(self.kind.name)
            else:
                self._sweep()
                begin = {"kind": self.kind.name, "parts": dict(parts), "facts": dict(facts)}
                self.store.write_durable(BEGIN, sealed_bytes(json.loads(json.dumps(begin))))
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out, where the store is a folder.

        Raises:
            BappsmithError: another run is at work there.
        """
        folder = self.store.folder
        if folder is None:
            yield
            return
        (folder / WORK).mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / WORK / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise BappsmithError(
                f"another run is writing to {self.root}; wait for its end, or choose another folder for --out"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def refuse_misfit(self, parts: Mapping[str, str]) -> None:
        """Refuse a folder that holds something else than this work, begun or finished; writes nothing.

        Raises:
            BappsmithError: naming what is there, or which parts differ.
        """
        there = self.parts_there()
        if there is not None:
            self.refuse_other_parts(there, parts)
            return
        if self.store.exists(self.kind.final) or self.store.exists(BEGIN):
            return  # ours, but damaged: what is there is checked part by part
        tops = (name.split("/")[0] for name in self.store.files())
        strangers = sorted(set(islice((top for top in tops if top != WORK), 1000)))
        if strangers:
            raise BappsmithError(
                f"{self.root} holds files that are no bappsmith {self.kind.name} ({', '.join(strangers[:3])}); choose an "
                "empty or new folder for --out"
            )

    def refuse_other_parts(self, there: Mapping[str, str], parts: Mapping[str, str]) -> None:
        """Refuse work whose parts are not those that are there.

        Raises:
            BappsmithError: naming those that differ.
        """
        differing = [key for key in sorted({*there, *parts}) if there.get(key) != parts.get(key)]
        if differing:
            what = ", ".join(_change(key, there.get(key), parts.get(key)) for key in differing)
            raise BappsmithError(
                f"{self.root} holds another {self.kind.name}: {what} differ{'s' * (len(differing) == 1)}; choose "
                "another folder for --out, or remove this one"
            )

    def parts_there(self) -> dict[str, str] | None:
        """The parts of what was begun or finished there; None where nothing was, or what says so is damaged."""
        for name in (self.kind.final, BEGIN):
            try:
                data = read_sealed(self.store, name)
            except (FileNotFoundError, DamagedError):
                continue
            if name == BEGIN and data.get("kind") != self.kind.name:
                raise BappsmithError(
                    f"{self.root} holds the beginning of a {data.get('kind')}, not of a {self.kind.name}; choose another "
                    "folder for --out"
                )
            if isinstance(data.get("parts"), dict):
                return data["parts"]
            raise BappsmithError(
                f"{self.root}/{name} was written by another version of bappsmith; choose another folder for --out"
            )
        return None

    def tidy(self, kind: str | None = None) -> None:
        """Remove what is left of the log where a run was killed after it had finished; nothing is written otherwise.

        Args:
            kind: of the work that is finished; the log of another kind stays. Default: that of this log.
        """
        folder = self.store.folder
        if folder is None:
            self._remove_own(kind or self.kind.name)
        elif (folder / WORK).is_dir():
            with suppress(BappsmithError), self.alone():
                self._remove_own(kind or self.kind.name)

    def _remove_own(self, kind: str) -> None:
        """Remove the log of a kind of work."""
        try:
            begun = read_sealed(self.store, BEGIN)
        except (FileNotFoundError, DamagedError):
            begun = {"kind": kind}  # a run may have been killed when it had removed this file alone
        if begun.get("kind") == kind:
            self.remove()

    def remove(self) -> None:
        """Remove the log for good: one that a power cut brings back would say that the work is under way."""
        self.store.remove(WORK)
        self.store.sync()

    def _sweep(self) -> None:
        """Remove what killed runs left half written."""
        folder = self.store.folder
        if folder is None:
            return
        for path in (folder / WORK).iterdir():
            if path.name.startswith("tmp-"):
                self.store.remove(f"{WORK}/{path.name}")
            elif path.name.endswith(".partial"):
                path.unlink(missing_ok=True)

    def read_begin(self) -> dict[str, Any]:
        """The facts that `at_work` wrote.

        Raises:
            BappsmithError: nothing was begun there, or the file is damaged.
        """
        try:
            facts = read_sealed(self.store, BEGIN).get("facts")
        except FileNotFoundError:
            raise BappsmithError(f"{self.root} is no bappsmith {self.kind.name} that was begun") from None
        if not isinstance(facts, dict):
            raise DamagedError(f"{self.root}/{BEGIN} is damaged (it holds no facts); remove {self.root}/{WORK}")
        return facts

    def read_final(self) -> dict[str, Any]:
        """The content of the final file.

        Raises:
            BappsmithError: the work is not finished, or the file is damaged.
        """
        final = self.kind.final
        try:
            return read_sealed(self.store, final)
        except FileNotFoundError:
            began = self.store.exists(BEGIN)
            state = (
                f"is not finished; run the same `{self.kind.command}` again"
                if began
                else (f"is no bappsmith {self.kind.name}")
            )
            raise BappsmithError(f"{self.root} {state} (it has no {final})") from None
        except DamagedError as error:
            raise DamagedError(
                f"{error}; run the same `{self.kind.command}` again to check everything and write it anew, or restore "
                "it from a copy"
            ) from error

    def entry(self, group: str, number: int, suffix: str) -> str:
        """Name of the entry of a part."""
        return f"{WORK}/entries/{group}/{number:06d}.{suffix}"

    def done(self, group: str) -> set[int]:
        """Numbers of the parts that have an entry."""
        names = (name.rpartition("/")[2] for name in self.store.files(f"{WORK}/entries/{group}"))
        return {int(name[:6]) for name in names if name[:6].isdigit() and not name.endswith(".partial")}

    def record(self, group: str, number: int, suffix: str, data: bytes) -> None:
        """Enter a part as done, after everything that was written for it has reached the disk."""
        self.store.sync()
        self.store.write(self.entry(group, number, suffix), data)

    def finish(self, data: Mapping[str, Any], parts: Mapping[str, str]) -> None:
        """Write the final file, after everything else has reached the disk, and remove the log."""
        self.store.sync()
        self.store.write_durable(self.kind.final, sealed_bytes(json.loads(json.dumps({**data, "parts": dict(parts)}))))
        self.remove()


def _change(key: str, there: str | None, now: str | None) -> str:
    """A differing part; a short value, such as a version, is shown."""
    if there is None or now is None or max(len(there), len(now)) > 32:
        return key
    return f"{key} {there} → {now}"
