"""The folder of a study: it is outside of every dataset, and one process at a time writes to it."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.seal import SEAL

LOCK = "lock"
"""Name of the file that is held while a process writes."""


def take_lock(folder: Path) -> FileLock:
    """Take the lock of a study.

    Raises:
        BappsmithError: another process has it.
    """
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BappsmithError(
            f"{folder} is in use by another server or command; stop it first, or choose another folder for the study"
        ) from error
    except OSError as error:
        raise BappsmithError(f"{folder} cannot be written ({error.strerror}); check its owner and mode") from error
    return lock


def refuse_inside_dataset(folder: Path, root: str) -> None:
    """Refuse a folder that is part of a dataset, whose files are all sealed.

    Raises:
        BappsmithError: see above.
    """
    inside = folder.resolve()
    sealed = [above for above in (inside, *inside.parents) if above == Path(root).resolve() or (above / SEAL).exists()]
    if sealed:
        raise BappsmithError(
            f"{folder} is inside the dataset {sealed[0]}, which may get no other file; choose a folder beside it, "
            f"such as {sealed[0]}-study"
        )
