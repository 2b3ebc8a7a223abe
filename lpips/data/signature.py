"""Notice whether files of a subset changed since they were last read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS, LABEL_FOLDER


def files_signature(root: Path, *, judgments: bool = True) -> str:
    """Compute the sha256 over names, sizes and modification times of the files of a subset, hex.

    Args:
        root: folder of the subset.
        judgments: whether the files of judgments count. Shards hold images and judgments, and always count.
    """
    folders = {name for names in IMAGE_FOLDERS.values() for name in names}
    folders |= {*LABEL_FOLDER.values()} if judgments else set()
    digest = hashlib.sha256()
    for folder in sorted(folders):
        for entry in sorted(_files(root / folder)):
            digest.update(os.fsencode(entry))
    for archive in sorted([*root.glob("*.tar"), *root.glob("*.parquet")]):
        facts = archive.stat()
        digest.update(os.fsencode(f"{archive.name} {facts.st_size} {facts.st_mtime_ns}\n"))
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    pending = [os.fspath(folder)] if folder.is_dir() else []
    start = len(os.fspath(folder.parent)) + 1
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    try:
                        facts = entry.stat()
                    except OSError:  # a broken link; reading it later names it
                        continue
                    yield f"{entry.path[start:]} {facts.st_size} {facts.st_mtime_ns}\n"
