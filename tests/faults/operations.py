"""Operations on a file system, as Python's audit events tell them: counted, noted, or the last thing a process does."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((0, 2), (1, 3)),
    "os.symlink": ((1, 2),),
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.remove": ((0, 1),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.utime": ((0, 3),),
}
"""Event → (argument with a path, argument with the folder that a relative one starts from)."""


def on_change(root: Path, act: Callable[[str], None]) -> None:
    """Call `act` before every operation that changes something below a folder, until this process ends.

    Libraries that write files without Python (Parquet, safetensors) raise no event until the file is renamed.

    Args:
        root: the folder.
        act: called with what is about to happen.
    """
    top = f"{root.resolve()}{os.sep}"

    def hook(event: str, args: tuple[Any, ...]) -> None:
        for path in _changed(event, args):
            if f"{path}{os.sep}".startswith(top) and not _in_vain(event, path):
                act(f"{event} {path}")
                return

    sys.addaudithook(hook)


def _in_vain(event: str, path: str) -> bool:
    """Whether an operation fails and changes nothing: what is to be made is there, or what is to go is not."""
    return (
        os.path.lexists(path)
        if event == "os.mkdir"
        else event in ("os.remove", "os.rmdir") and not os.path.lexists(path)
    )


def _changed(event: str, args: tuple[Any, ...]) -> Iterator[str]:
    if event == "open":
        if isinstance(args[0], (str, bytes, os.PathLike)) and args[2] & _WRITING:
            yield os.path.abspath(os.fsdecode(args[0]))
        return
    for path, folder in _PATHS.get(event, ()):
        if isinstance(args[path], int):
            yield os.readlink(f"/proc/self/fd/{args[path]}")
            continue
        start = args[folder] if folder is not None and len(args) > folder else -1
        below = os.readlink(f"/proc/self/fd/{start}") if isinstance(start, int) and start >= 0 else os.getcwd()
        yield os.path.normpath(os.path.join(below, os.fsdecode(args[path])))


class Countdown:
    """Ends its process before an operation.

    Args:
        last: number of the operation that does not happen, from 1; 0: all happen.

    Attributes:
        names: of all operations so far.
    """

    def __init__(self, last: int) -> None:
        self.names: list[str] = []
        self._last = last

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
