"""Whether the files of a subset are those that were read before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER


def files_signature(root: Path) -> str:
    """sha256 over names, sizes and times of modification of all files of a subset, hex."""
    folders = {*(name for names in IMAGE_FOLDERS.values() for name in names), *LABEL_FOLDER.values()}
    digest = hashlib.sha256()
    for folder in sorted(folders):
        for entry in sorted(_files(root / folder)):
            digest.update(os.fsencode(entry))
    for archive in sorted([*root.glob("*.tar"), *root.glob("*.parquet")]):
        facts = archive.stat()
        digest.update(os.fsencode(f"{archive.name} {facts.st_size} {facts.st_mtime_ns}\n"))
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    waiting = [os.fspath(folder)] if folder.is_dir() else []
    start = len(os.fspath(folder.parent)) + 1
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    try:
                        facts = entry.stat()
                    except OSError:  # a link to nothing, which is named when it is read
                        continue
                    yield f"{entry.path[start:]} {facts.st_size} {facts.st_mtime_ns}\n"
