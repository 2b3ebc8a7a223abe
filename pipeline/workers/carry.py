"""Copy plugins, and folders of networks, to workers that do not see the files of the machine that started the run."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bappsmith.distortions.plugins import PluginPath, folder_files, table_beside
from bappsmith.manifests.store.store import WORK, Store


def carry(plugins: Sequence[str], store: Store) -> None:
    """Copy plugins below the work folder of the dataset; of a folder, only the files that its operators need.

    Args:
        plugins: paths of plugin files and folders; a folder may be `NAME=PATH`.
        store: of the dataset.
    """
    for number, plugin in enumerate(plugins):
        root = PluginPath.parse(plugin).path
        files = folder_files(root) if root.is_dir() else _with_table(root)
        for path in files:
            name = path.relative_to(root if root.is_dir() else root.parent).as_posix()
            store.write(f"{WORK}/plugins/{number}/{root.name}/{name}", path.read_bytes())


class LocalPlugins:
    """Plugins on this machine: the original files if they exist here, else copies that are removed with this object.

    A folder's networks are read at their first use. Keep this object as long as the operators are in use.

    Args:
        plugins: paths of plugin files and folders; a folder may be `NAME=PATH`.
        store: of the dataset, with the copies of `carry`.

    Attributes:
        plugins: path of each plugin on this machine, in order; a folder keeps its name (`NAME=PATH`).
    """

    def __init__(self, plugins: Sequence[str], store: Store) -> None:
        self._copies: Path | None = None
        paths = [PluginPath.parse(plugin) for plugin in plugins]
        self.plugins = [
            str(plugin if plugin.path.exists() else replace(plugin, path=self._fetch(number, plugin.path.name, store)))
            for number, plugin in enumerate(paths)
        ]

    def _fetch(self, number: int, name: str, store: Store) -> Path:
        if self._copies is None:
            self._copies = Path(tempfile.mkdtemp(prefix="bappsmith-plugins-", dir=_temporary_folder()))
            weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        carried = f"{WORK}/plugins/{number}/{name}"
        target = self._copies / str(number) / name
        for file in list(store.files(carried)):
            copy = target / file.removeprefix(f"{carried}/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(store.read(file))
        # The copy of a plugin file is in a folder of its own. A folder is loaded whole.
        return target / name if (target / name).is_file() else target


def _with_table(file: Path) -> list[Path]:
    table = table_beside(file)
    return [file, table] if table.exists() else [file]


def _temporary_folder() -> str | None:
    """Return the folder of this Dask worker (Dask removes it even after a kill); None: the system's folder."""
    from distributed import get_worker

    try:
        return get_worker().local_directory
    except ValueError:  # this process is not a worker
        return None
