"""Checking every file of a sealed dataset against its manifest."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..manifests.bapps import SubsetPath
from ..manifests.files import sha256_file
from ..manifests.ledger import SEAL, Ledger


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        files: number of files checked.
        changed: files whose content is not what was sealed.
        missing: files that are gone.
        additional: files that do not belong to the dataset.
    """

    files: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    additional: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.changed or self.missing or self.additional)


def verify(dataset: str | Path, progress: Callable[[int, int], None] | None = None) -> Verification:
    """Compare every file with the hash that was sealed, and look for files that were not.

    Args:
        dataset: folder of a sealed dataset.
        progress: called with (items done, items in all).

    Raises:
        BappsmithError: the folder is not a sealed dataset.
    """
    ledger = Ledger(dataset)
    seal = ledger.seal_data()
    expected: set[str] = {SEAL}
    changed: list[str] = []
    missing: list[str] = []

    def check(place: str, digest: bytes) -> None:
        expected.add(place)
        path = ledger.root / place
        try:
            if bytes.fromhex(sha256_file(path)) != digest:
                changed.append(place)
        except FileNotFoundError:
            missing.append(place)
        except OSError:
            changed.append(place)

    for place, digest in seal["files"].items():
        check(place, bytes.fromhex(digest))
    if not missing and not changed and ledger.run().fingerprint() != seal["fingerprint"]:
        changed.append(SEAL)
    unknown: tuple[str, ...] = ()
    total, done = sum(seal["subsets"].values()), 0
    for text in seal["subsets"]:
        subset = SubsetPath.parse(text)
        if ledger.manifest_path(subset).relative_to(ledger.root).as_posix() in {*missing, *changed}:
            unknown += (f"{subset}/",)  # a manifest that is not the sealed one says nothing of its items
            continue
        for row in ledger.rows(subset):
            for folder, place in subset.files(row["index"]).items():
                check(place, row[f"file_{folder}"])
            done += 1
            if progress and (done % 256 == 0 or done == total):
                progress(done, total)
    additional = sorted(name for name in _all_files(ledger.root) - expected if not name.startswith(unknown))
    return Verification(len(expected), tuple(changed), tuple(missing), tuple(additional))


def _all_files(root: Path) -> set[str]:
    return {
        os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
        for folder, _, names in os.walk(root)
        for name in names
    }
