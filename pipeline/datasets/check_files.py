"""Compare whole files of a dataset with its seal."""

from __future__ import annotations

from dataclasses import dataclass

from bappsmith.manifests.store.digest import sha256_stored
from bappsmith.manifests.store.open import open_store

from .differences import Differences


@dataclass(frozen=True, slots=True)
class FilesTask:
    """All that a worker receives to check whole files.

    Attributes:
        root: folder or address of the dataset.
        number: position of the first of them among all files.
        files: name, sha256 and size of each.
    """

    root: str
    number: int
    files: tuple[tuple[str, str, int], ...]

    def __str__(self) -> str:
        return f"file {self.files[0][0]}"


def check_files(task: FilesTask) -> Differences:
    """Compare whole files with their hashes and sizes."""
    store = open_store(task.root)
    changed, missing = [], []
    for name, sha256, size in task.files:
        try:
            # The size is compared first: an endless file is not read.
            if store.size(name) != size or sha256_stored(store, name) != sha256:
                changed.append(name)
        except FileNotFoundError:
            missing.append(name)
        except OSError:
            changed.append(name)
    return Differences(task.number, 0, tuple(changed), tuple(missing))
