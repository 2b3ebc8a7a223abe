"""The work log of datasets, banks and trainings: what is finished, who is writing, and whether this run may go on.

While work is in progress, `.bappsmith/` inside its folder holds

- `begin.json`: the kind of work, and what it is made from;
- `entries/GROUP/NNNNNN.SUFFIX`: one file per finished part. It is written after all files of the part are on the disk;
- `lock`: held by the run that is writing, if the store is a folder on this machine.

At the end, one final file replaces the log: the seal of a dataset, the index of a bank, the record of a training. It
carries its own hash. Then `.bappsmith/` is removed. A damaged entry counts as missing: its part is made again.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from .errors import BappsmithError
from .sealed_json import DamagedError, read_sealed, sealed_bytes
from .store.open import open_store
from .store.store import WORK

BEGIN = f"{WORK}/begin.json"


@dataclass(frozen=True)
class WorkKind:
    """A kind of work.

    Attributes:
        name: "dataset", "bank" or "training".
        final: name of the final file, which marks the work as finished.
        command: the command that does the work, or goes on with it.
    """

    name: str
    final: str
    command: str


DATASET = WorkKind("dataset", "seal.json", "bappsmith generate")
BANK = WorkKind("bank", "bank.json", "bappsmith bank train")
TRAINING = WorkKind("training", "training.json", "bappsmith train")
LABELLING = "labelling"
"""Kind of a log in a finished dataset while a labelling is added. The dataset can be used meanwhile."""
ACTIVATION = "activation"
"""Kind of a log in a finished dataset while another labelling is activated. The dataset cannot be used meanwhile,
because its judgments are a mixture of two labellings."""


class WorkLog:
    """The log of one piece of work.

    Args:
        root: folder or address of the output.
        kind: the kind of work.

    Attributes:
        root: the folder or address, as given.
        kind: the kind of work.
        store: access to the files there.
    """

    def __init__(self, root: Path | str, kind: WorkKind) -> None:
        self.root = str(root)
        self.kind = kind
        self.store = open_store(root)

    @property
    def finished(self) -> bool:
        """Whether the work is finished: its final file exists and is not damaged."""
        try:
            read_sealed(self.store, self.kind.final)
        except (FileNotFoundError, DamagedError):
            return False
        return True

    @contextmanager
    def at_work(self, parts: Mapping[str, str], facts: Mapping[str, Any]) -> Generator[None]:
        """Begin work, or go on with equal work. No other run may write there meanwhile.

        Object stores have no locks. At an address, two equal runs write equal files, which does no harm; runs with
        other parts are refused.

        Args:
            parts: part → digest or value, of what the work is made from. Work with other parts is refused.
            facts: JSON values that workers read with `read_begin`.

        Raises:
            BappsmithError: the folder holds other files, or work with other parts, or another run is writing.
        """
        self.refuse_misfit(parts)
        if self.finished:
            self.tidy()
            yield  # nothing else will be written
            return
        with self.alone():
            self.refuse_misfit(parts)  # another run may have begun or ended in between
            if self.finished:
                self._remove_own(self.kind.name)
            else:
                self._sweep()
                begin = {"kind": self.kind.name, "parts": dict(parts), "facts": dict(facts)}
                self.store.write_durable(BEGIN, sealed_bytes(json.loads(json.dumps(begin))))
            yield

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep other runs out, if the store is a folder.

        Raises:
            BappsmithError: another run is writing there.
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
                f"another run is writing to {self.root}; wait until it ends, or choose another folder for --out"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def refuse_misfit(self, parts: Mapping[str, str]) -> None:
        """Refuse a folder that holds anything else than this work, begun or finished. Nothing is written.

        Args:
            parts: see `at_work`.

        Raises:
            BappsmithError: the folder holds other files, or work with other parts.
        """
        recorded = self.parts_there()
        if recorded is not None:
            self.refuse_other_parts(recorded, parts)
            return
        if self.store.exists(self.kind.final) or self.store.exists(BEGIN):
            return  # this work, but its record is damaged: the parts are checked one by one
        tops = (name.split("/")[0] for name in self.store.files())
        foreign = sorted(set(islice((top for top in tops if top != WORK), 1000)))
        if foreign:
            raise BappsmithError(
                f"{self.root} holds files that do not belong to a bappsmith {self.kind.name} "
                f"({', '.join(foreign[:3])}); choose an empty or new folder for --out"
            )

    def refuse_other_parts(self, recorded: Mapping[str, str], parts: Mapping[str, str]) -> None:
        """Refuse work whose parts differ from the recorded ones.

        Args:
            recorded: the parts of the work in the folder.
            parts: the parts of this run.

        Raises:
            BappsmithError: some parts differ; the message names them.
        """
        differing = [key for key in sorted({*recorded, *parts}) if recorded.get(key) != parts.get(key)]
        if differing:
            what = ", ".join(_change(key, recorded.get(key), parts.get(key)) for key in differing)
            raise BappsmithError(
                f"{self.root} holds another {self.kind.name}: {what} differ{'s' * (len(differing) == 1)}; choose "
                "another folder for --out, or remove this one"
            )

    def parts_there(self) -> dict[str, str] | None:
        """Read the parts of the work in the folder; return None if there is no work, or its record is damaged.

        Raises:
            BappsmithError: the folder holds another kind of work, or that of another version of bappsmith.
        """
        for name in (self.kind.final, BEGIN):
            try:
                data = read_sealed(self.store, name)
            except (FileNotFoundError, DamagedError):
                continue
            if name == BEGIN and data.get("kind") != self.kind.name:
                raise BappsmithError(
                    f"{self.root} holds an unfinished {data.get('kind')}, not a {self.kind.name}; choose another "
                    "folder for --out"
                )
            if isinstance(data.get("parts"), dict):
                return cast("dict[str, str]", data["parts"])
            raise BappsmithError(
                f"{self.root}/{name} was written by another version of bappsmith; choose another folder for --out"
            )
        return None

    def tidy(self, kind: str | None = None) -> None:
        """Remove the log of finished work, if a run was killed before it could. Nothing else is written.

        Args:
            kind: kind of the finished work; a log of another kind is kept. Default: the kind of this log.
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
            begun = {"kind": kind}  # a run may have been killed after it removed only this file
        if begun.get("kind") == kind:
            self.remove()

    def remove(self) -> None:
        """Remove the log, and sync: after a power cut, a log that came back would say that the work is in progress."""
        self.store.remove(WORK)
        self.store.sync()

    def _sweep(self) -> None:
        """Remove unfinished files of killed runs."""
        folder = self.store.folder
        if folder is None:
            return
        for path in (folder / WORK).iterdir():
            if path.name.startswith("tmp-"):
                self.store.remove(f"{WORK}/{path.name}")
            elif path.name.endswith(".partial"):
                path.unlink(missing_ok=True)

    def read_begin(self) -> dict[str, Any]:
        """Read the facts that `at_work` wrote.

        Raises:
            BappsmithError: no work was begun there, or the file is damaged.
        """
        try:
            facts: Any = read_sealed(self.store, BEGIN).get("facts")
        except FileNotFoundError:
            raise BappsmithError(
                f"{self.root} is not an unfinished bappsmith {self.kind.name} (it has no {BEGIN}); run "
                f"`{self.kind.command}` first"
            ) from None
        if not isinstance(facts, dict):
            raise DamagedError(f"{self.root}/{BEGIN} is damaged (it holds no facts); remove {self.root}/{WORK}")
        return cast(dict[str, Any], facts)

    def read_final(self) -> dict[str, Any]:
        """Read the final file.

        Raises:
            BappsmithError: the work is not finished, or the file is damaged.
        """
        final = self.kind.final
        try:
            return read_sealed(self.store, final)
        except FileNotFoundError:
            if self.store.exists(BEGIN):
                state = f"is not finished; run the same `{self.kind.command}` again"
            else:
                state = f"is not a bappsmith {self.kind.name}"
            raise BappsmithError(f"{self.root} {state} (it has no {final})") from None
        except DamagedError as error:
            raise DamagedError(
                f"{error}; run the same `{self.kind.command}` again to check everything and write it again, or restore "
                "it from a copy"
            ) from error

    def entry(self, group: str, number: int, suffix: str) -> str:
        """Return the file name of the entry of a part."""
        return f"{WORK}/entries/{group}/{number:06d}.{suffix}"

    def done(self, group: str) -> set[int]:
        """Return the numbers of the parts that have an entry."""
        names = (name.rpartition("/")[2] for name in self.store.files(f"{WORK}/entries/{group}"))
        return {int(name[:6]) for name in names if name[:6].isdigit() and not name.endswith(".partial")}

    def record(self, group: str, number: int, suffix: str, data: bytes) -> None:
        """Sync, then write the entry of a finished part.

        Args:
            group: such as the flat name of a subset.
            number: of the part in the group, from 0.
            suffix: of the entry, without dot.
            data: content of the entry.
        """
        self.store.sync()
        self.store.write(self.entry(group, number, suffix), data)

    def finish(self, data: Mapping[str, Any], parts: Mapping[str, str]) -> None:
        """Sync, write the final file, and remove the log.

        Args:
            data: JSON values for the final file.
            parts: see `at_work`.
        """
        self.store.sync()
        self.store.write_durable(self.kind.final, sealed_bytes(json.loads(json.dumps({**data, "parts": dict(parts)}))))
        self.remove()


def _change(key: str, recorded: str | None, current: str | None) -> str:
    """Name a part that differs, and show short values, such as versions."""
    if recorded is None or current is None or max(len(recorded), len(current)) > 32:
        return key
    return f"{key} {recorded} → {current}"
