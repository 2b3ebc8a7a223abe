"""Plugins and banks on their way to workers that do not see the files of the machine that started the run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bappsmith.distortions.cnn.bank import INDEX
from bappsmith.manifests.store.store import WORK, Store


def carry(plugins: Sequence[str], store: Store) -> None:
    """Put copies beside the books of the dataset: files, and of banks what their operators need."""
    for number, plugin in enumerate(plugins):
        root = Path(plugin)
        files = [root / INDEX, *sorted((root / "networks").iterdir())] if root.is_dir() else [root]
        for path in files:
            name = path.relative_to(root if root.is_dir() else root.parent).as_posix()
            store.write(f"{WORK}/plugins/{number}/{root.name}/{name}", path.read_bytes())


def at_hand(plugins: Sequence[str], store: Store) -> list[Path]:
    """Where the plugins are on this machine: where they were, or in copies that are fetched now."""
    found = []
    for number, plugin in enumerate(plugins):
        there = Path(plugin)
        if not there.exists():
            top = f"{WORK}/plugins/{number}/{there.name}"
            names = list(store.files(top))
            folder = Path(tempfile.mkdtemp(prefix="bappsmith-plugin-"))
            for name in names:
                copy = folder / there.name / name.removeprefix(f"{top}/")
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(store.read(name))
            # A file is its own only file; of a bank, the folder is loaded.
            single = folder / there.name / there.name
            there = single if single.is_file() else folder / there.name
        found.append(there)
    return found
