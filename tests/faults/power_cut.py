"""A power cut, simulated: what was not synced is forgotten."""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from bappsmith.manifests.forms.packed import PACKED
from bappsmith.manifests.store import local

Loss = Literal["emptied", "zeroed", "gone", "undone"]
"""What becomes of files that were not synced: they have 0 bytes, or zeros, or are not there; or everything is as it was
at the last sync, names and removals included."""
LOSSES: tuple[Loss, ...] = get_args(Loss)


class Disk:
    """What a disk holds of a folder for sure.

    Args:
        root: the folder.
        notes: folder for what is known of the disk; outside of `root`.
    """

    def __init__(self, root: Path, notes: Path) -> None:
        self.root, self._notes = root, notes

    def reset(self) -> None:
        """Begin to take notes: everything that is there now is on the disk, as after a start of the machine."""
        self.forget()
        self._notes.mkdir()
        self._sync_all()

    def forget(self) -> None:
        """Take no notes from now on, which saves time where no power is cut."""
        shutil.rmtree(self._notes, ignore_errors=True)

    def watch(self, before: Callable[[str], None]) -> None:
        """Note every sync of this process, in place of syncing.

        Args:
            before: called before each, with its name.
        """

        def sync_file_system(folder: Path) -> None:
            before(f"sync {folder}")
            if self._notes.exists():
                self._sync_all()

        def sync_file(path: Path) -> None:
            before(f"sync {path}")
            if not self._notes.exists():
                return
            inodes, names = self._read()
            digest = self._keep(path)
            inodes[path.stat().st_ino] = digest
            names[path.relative_to(self.root).as_posix()] = digest
            self._write(inodes, names)

        local.sync_file_system = sync_file_system
        local.sync_file = sync_file

    def cut(self, loss: Loss) -> None:
        """Forget what was not synced."""
        inodes, names = self._read()
        if loss == "undone":
            shutil.rmtree(self.root, ignore_errors=True)
            for name, digest in names.items():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._notes / digest, self.root / name)
            self.reset()
            return
        for path in files_below(self.root):
            durable = inodes.get(path.stat().st_ino)
            if durable == _digest(path):
                continue
            if path.name == PACKED and durable is not None:  # written where it stands: old pages
                path.write_bytes((self._notes / durable).read_bytes())
            elif loss == "gone":
                path.unlink()
            else:
                path.write_bytes(bytes(path.stat().st_size if loss == "zeroed" else 0))
        self.reset()

    def _sync_all(self) -> None:
        inodes, names = dict[int, str](), dict[str, str]()
        for path in files_below(self.root):
            digest = self._keep(path)
            inodes[path.stat().st_ino] = names[path.relative_to(self.root).as_posix()] = digest
        self._write(inodes, names)

    def _keep(self, path: Path) -> str:
        digest = _digest(path)
        if not (self._notes / digest).exists():
            shutil.copyfile(path, self._notes / digest)
        return digest

    def _read(self) -> tuple[dict[int, str], dict[str, str]]:
        return pickle.loads((self._notes / "known").read_bytes())

    def _write(self, inodes: dict[int, str], names: dict[str, str]) -> None:
        (self._notes / "known").write_bytes(pickle.dumps((inodes, names)))


def files_below(root: Path) -> list[Path]:
    """All regular files below a folder."""
    return [Path(folder, name) for folder, _, names in os.walk(root) for name in names]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
