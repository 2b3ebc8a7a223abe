"""Interrupts pieces of work at one operation after the other; a script, so that its children need no imports.

Usage: python -m tests.faults.interrupt FOLDER WORK,… STRIDE [LOSS…|killed]

Tries every STRIDEth operation of a work, or three where STRIDE is 0. Losses take turns; `killed`, the default, is none.
Prints one JSON object for each work: `operations` (names of all), `tried` (number of operations) and `wrong` (what
came out otherwise).
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path

from bappsmith.distortions.registry import operators

from .operations import Countdown, on_change
from .power_cut import LOSSES, Disk, Loss, files_below
from .works import WORKS, Work, make_inputs, shards_of_one_item


class Interruptions:
    """A piece of work, interrupted.

    Args:
        work: which.
        folder: for inputs and results.
    """

    def __init__(self, work: Work, folder: Path) -> None:
        self.work = work
        self.inputs, self.root = folder / "inputs", folder / "result"
        self.disk = Disk(self.root, folder / "disk")
        self._said = folder / "said"

    def prepare(self) -> list[str]:
        """Do it undisturbed; returns the names of its operations."""
        if not self.inputs.exists():
            self._fork(lambda: make_inputs(self.inputs))
        self._import()
        self.begin()
        self._fork(lambda: self._run(0))
        names = json.loads(self._said.read_text())
        self._fork(lambda: self.work.check(self.root))
        self.whole = tree(self.root)
        return names

    def _import(self) -> None:
        """Import here what a child had to import, for the next children."""
        operators()  # finds those of installed packages
        self.begin()
        self._fork(lambda: (self._run(0), self._said.write_text(json.dumps(list(sys.modules)))))
        for name in json.loads(self._said.read_text()):
            if name not in sys.modules:
                with suppress(ImportError):
                    importlib.import_module(name)
        gc.freeze()  # else every child's collector writes to all pages it shares with this process

    def interrupt(self, operation: int, operations: int, loss: Loss | None) -> str:
        """Kill it before an operation, and going on before another, and finish; with a loss, the power is cut as well.

        Returns:
            What is wrong with the result; empty where nothing is.
        """
        self.begin()
        if loss is not None:
            self.disk.reset()
        for last in (operation, 7 * operation % operations + 1):
            self._fork(lambda last=last: self._run(last), killed=True)
            if loss is not None:
                self.disk.cut(loss)
        try:
            if loss is None:
                self._fork(lambda: (self._run(0), self.work.check(self.root)))
            else:
                self._fork(lambda: self._run(0))
                self.disk.cut(loss)
                self._fork(lambda: self.work.check(self.root))
        except ChildError as error:
            return str(error)
        there = tree(self.root)
        return ", ".join(sorted(name for name in {*there, *self.whole} if there.get(name) != self.whole.get(name)))

    def begin(self) -> None:
        """Make the folder of the result as it was before the work."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self.work.start:
            shutil.copytree(self.inputs / self.work.start, self.root)
        self.disk.forget()

    def _run(self, last: int) -> None:
        countdown = Countdown(last)
        self.disk.watch(countdown)
        on_change(self.root, countdown)
        self.work.run(self.inputs, self.root)
        self._said.write_text(json.dumps(countdown.names))

    def _fork(self, act: Callable[[], object], *, killed: bool = False) -> None:
        """Do something in a child.

        Raises:
            ChildError: it failed, or was killed where it should not be.
        """
        child = os.fork()
        if child == 0:
            status = 1
            try:
                act()
                status = 0
            except BaseException:
                self._said.write_text(traceback.format_exc())
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0 and not (killed and code == -signal.SIGKILL):
            raise ChildError(
                f"exit {code}: {self._said.read_text().strip().splitlines()[-1]}" if code == 1 else f"exit {code}"
            )


_LOSSES: dict[str, Loss | None] = {"killed": None, **{loss: loss for loss in LOSSES}}


class ChildError(Exception):
    """A child failed."""


def tree(root: Path) -> dict[str, str]:
    """Name → sha256 of every file, and "" of every empty folder."""
    files = {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files_below(root)
    }
    empty = [Path(below) for below, folders, names in os.walk(root) if not folders and not names]
    return {**files, **{f"{path.relative_to(root).as_posix()}/": "" for path in empty}}


def main(arguments: Sequence[str]) -> None:
    """See above."""
    folder, names, stride, *losses = arguments
    shards_of_one_item()
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("threads were started before the first fork")
    kinds = cycle([_LOSSES[loss] for loss in losses or ["killed"]])
    for name in names.split(","):
        interruptions = Interruptions(WORKS[name], Path(folder))
        operations = interruptions.prepare()
        count = len(operations)
        tried = range(1, count + 1, int(stride)) if stride != "0" else (1, count // 2, count - 1)
        wrong = {}
        for operation, loss in zip(tried, kinds, strict=False):
            try:
                result = interruptions.interrupt(operation, count, loss)
            except ChildError as error:
                result = f"in between: {error}"
            if result:
                wrong[f"{operation} {operations[operation - 1]} {loss or ''}".strip()] = result
        print(json.dumps({"work": name, "operations": operations, "tried": len(tried), "wrong": wrong}))


if __name__ == "__main__":
    main(sys.argv[1:])
