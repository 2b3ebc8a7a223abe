"""Operators from elsewhere: a person's own file, or the folder of a bank of networks."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import sha256_file

from .base import Distortion
from .cnn.bank import INDEX
from .registry import forget, operator, operators

MODULE_PREFIX = "bappsmith_plugin_"
"""Modules of plugin files are called so, and by the sha256 of their path: two files called my_op.py stay apart."""
_NAMED = re.compile(r"([a-z][a-z0-9_]*)=(.+)", re.DOTALL)


@dataclass(frozen=True)
class PluginPath:
    """Where a plugin lies, and the name of a bank where it was given one: ``my_op.py``, ``banks/a`` or ``soft=banks/b``.

    Attributes:
        path: a Python file, or the folder of a bank.
        name: starts the names of the bank's operators; empty: they have none.
    """

    path: Path
    name: str = ""

    @classmethod
    def parse(cls, text: str | Path) -> PluginPath:
        """Read ``PATH`` or ``NAME=PATH``; a file or folder that exists under the whole text is meant itself."""
        named = _NAMED.fullmatch(str(text))
        if named is None or Path(text).exists():
            return cls(Path(text))
        return cls(Path(named[2]), named[1])

    def resolve(self) -> PluginPath:
        """The same with an absolute path."""
        return PluginPath(self.path.resolve(), self.name)

    def __str__(self) -> str:
        """The text that `parse` reads."""
        return f"{self.name}={self.path}" if self.name else str(self.path)


@dataclass(frozen=True)
class _Loaded:
    """A plugin of this process.

    Attributes:
        sha256: of the file, or of the bank's index, as it was read; hex.
        names: of its operators.
        registered: those of them that were not known before.
    """

    sha256: str
    names: tuple[str, ...]
    registered: tuple[Distortion, ...]

    @property
    def stands(self) -> bool:
        """Whether its operators are registered still."""
        return all(operators().get(one.name) is one for one in self.registered)


_loaded: dict[PluginPath, _Loaded] = {}
_of_run: set[PluginPath] = set()


def load_plugin(plugin: str | Path) -> list[str]:
    """Import a person's own operator file, or load a bank of networks. Loading one again changes nothing.

    Args:
        plugin: a Python file that registers operators, or the folder of a bank. ``NAME=FOLDER`` starts the names of the
            bank's operators with NAME, so that several banks stand side by side; see `load_bank`.

    Returns:
        The names of its operators.

    Raises:
        BappsmithError: the file does not exist, fails to import, registers no operator, or was edited after this
            process loaded it; or the folder is no bank; or another operator has one of the names.
    """
    given = PluginPath.parse(plugin).resolve()
    known = _loaded.get(given)
    if known is None or not known.stands:
        known = _loaded[given] = _load_bank(given) if given.path.is_dir() else _load_file(given)
    elif known.sha256 != _sha256(_defining_file(given)):
        raise BappsmithError(f"plugin {plugin} was changed after it was loaded; start a new process to load it again")
    return list(known.names)


def use_plugins(plugins: Sequence[str | Path]) -> None:
    """Load the plugins of one run. Those of the run before, in this process, are forgotten first.

    So each run meets the operators it was given and no others, and the plugins as they stand on disk now. What was
    loaded by `load_plugin` stays.

    Raises:
        BappsmithError: see `load_plugin`.
    """
    for given in _of_run:
        forget(_loaded.pop(given).registered)
    _of_run.clear()
    for plugin in plugins:
        given = PluginPath.parse(plugin).resolve()
        stays = given in _loaded and _loaded[given].stands
        load_plugin(plugin)
        if not stays:
            _of_run.add(given)


def foreign_sources(names: Iterable[str]) -> dict[str, str]:
    """Which of these operators are not bappsmith's own, and what defines them.

    Args:
        names: of registered operators.

    Returns:
        Name → sha256, hex, of the file that defines the operator, or of the bank it draws from. What such a file
        imports in turn is not looked at.

    Raises:
        BappsmithError: an operator is unknown, or was not defined in a file.
    """
    of_files = {one: plugin.sha256 for plugin in _loaded.values() for one in plugin.registered}
    sources: dict[str, str] = {}
    for name in sorted(names):
        known = operator(name)
        module = type(known).__module__
        own = module.startswith(f"{__package__}.")
        if known.content:
            sources[name] = known.content
        elif known in of_files and (own or module.startswith(MODULE_PREFIX)):
            sources[name] = of_files[known]
        elif not own:
            sources[name] = _sha256_of_class(known)
    return sources


def _load_bank(given: PluginPath) -> _Loaded:
    from bappsmith.distortions.cnn.loading import load_bank

    before = operators()
    names = load_bank(given.path, given.name)
    registered = tuple(operator(name) for name in names if name not in before)
    return _Loaded(_sha256(_defining_file(given)), tuple(names), registered)


def _load_file(given: PluginPath) -> _Loaded:
    """Run the very bytes that are hashed; Python's own import might take an older compiled copy."""
    file = given.path
    if not file.is_file():
        raise BappsmithError(f"plugin {given}: no such file or folder")
    if file.suffix != ".py":
        raise BappsmithError(f"plugin {given}: not a Python file (expected a name ending in .py)")
    if given.name:
        raise BappsmithError(f"plugin {given}: only the folder of a bank takes a name; give {file} without one")
    source = file.read_bytes()
    before = operators()
    module = ModuleType(f"{MODULE_PREFIX}{hashlib.sha256(str(file).encode()).hexdigest()[:12]}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module
    failed: Exception | None = None
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)
    except Exception as error:  # a person's own file may raise anything
        failed = error
    registered = tuple(one for name, one in operators().items() if before.get(name) is not one)
    if failed is not None:
        forget(registered)
        del sys.modules[module.__name__]
        if isinstance(failed, BappsmithError):
            raise failed
        message = " ".join(f"{type(failed).__name__}: {failed}".split())
        raise BappsmithError(f"plugin {given} fails to import: {message}") from failed
    if not registered:
        raise BappsmithError(f"plugin {given} registers no operator; decorate the class with @register")
    return _Loaded(hashlib.sha256(source).hexdigest(), tuple(one.name for one in registered), registered)


def _defining_file(given: PluginPath) -> Path:
    return given.path / INDEX if given.path.is_dir() else given.path


def _sha256(file: Path) -> str:
    try:
        return sha256_file(file)
    except OSError as error:
        raise BappsmithError(f"plugin {file}: cannot be read ({error.strerror or error})") from error


def _sha256_of_class(known: Distortion) -> str:
    try:
        return sha256_file(Path(inspect.getfile(type(known))))
    except (TypeError, OSError) as error:
        raise BappsmithError(
            f"operator '{known.name}' was not defined in a file, so its dataset could not be made again; "
            "put it into one and pass that as a plugin"
        ) from error
