"""Plugins and banks on their way to workers that do not see the files of the machine that started the run."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bappsmith.distortions.cnn.bank import INDEX
from bappsmith.distortions.plugins import PluginPath
from bappsmith.manifests.store.store import WORK, Store


def carry(plugins: Sequence[str], store: Store) -> None:
    """Put copies below the work folder of the dataset: of a bank, the files that its operators need."""
    for number, plugin in enumerate(plugins):
        root = PluginPath.parse(plugin).path
        files = [root / INDEX, *sorted((root / "networks").iterdir())] if root.is_dir() else [root]
        for path in files:
            name = path.relative_to(root if root.is_dir() else root.parent).as_posix()
            store.write(f"{WORK}/plugins/{number}/{root.name}/{name}", path.read_bytes())


class LocalPlugins:
    """Plugins as this machine sees them: where they were, or as copies that are removed with this object.

    A bank reads its networks when they are first used: keep the object as long as the operators are in use.

    Attributes:
        plugins: a file or a folder for each plugin, in order, with the name that a bank was given.
    """

    def __init__(self, plugins: Sequence[str], store: Store) -> None:
        self._copies: Path | None = None
        given = [PluginPath.parse(plugin) for plugin in plugins]
        self.plugins = [
            str(one if one.path.exists() else replace(one, path=self._fetch(number, one.path.name, store)))
            for number, one in enumerate(given)
        ]

    def _fetch(self, number: int, name: str, store: Store) -> Path:
        if self._copies is None:
            self._copies = Path(tempfile.mkdtemp(prefix="bappsmith-plugins-", dir=_scratch()))
            weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        carried = f"{WORK}/plugins/{number}/{name}"
        target = self._copies / str(number) / name
        for file in list(store.files(carried)):
            copy = target / file.removeprefix(f"{carried}/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(store.read(file))
        # A plugin file is carried as the only file of a folder; of a bank, the folder is loaded.
        return target / name if (target / name).is_file() else target


def _scratch() -> str | None:
    """The folder of this Dask worker, which Dask removes even after the worker was killed; elsewhere the system's."""
    from distributed import get_worker

    try:
        return get_worker().local_directory
    except ValueError:  # this process is no worker
        return None
