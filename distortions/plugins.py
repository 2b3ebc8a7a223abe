"""Load what comes from outside: a person's file with operators or judges, or the folder of a bank of networks."""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import sha256_file

from .base import Distortion
from .cnn.bank import INDEX
from .ncnn.model_folder import files_sha256, model_files
from .registry import forget, operator, operators
from .severity_curve import declaration_of, read_table

MODULE_PREFIX = "bappsmith_plugin_"
"""Prefix of module names of plugin files; the sha256 of the path follows, so two files my_op.py are two modules."""
_NAMED = re.compile(r"([a-z][a-z0-9_]*)=(.+)", re.DOTALL)


@dataclass(frozen=True)
class PluginPath:
    """Path of a plugin, with an optional name of a bank: ``my_op.py``, ``banks/a`` or ``soft=banks/b``.

    Attributes:
        path: a Python file, or the folder of a bank or of ncnn models.
        name: prefix of the names of the folder's operators; empty: no prefix.
    """

    path: Path
    name: str = ""

    @classmethod
    def parse(cls, text: str | Path) -> PluginPath:
        """Read ``PATH`` or ``NAME=PATH``. If the whole text is the path of a file or folder, it is a path."""
        named = _NAMED.fullmatch(str(text))
        if named is None or Path(text).exists():
            return cls(Path(text))
        return cls(Path(named[2]), named[1])

    def resolve(self) -> PluginPath:
        """Return the same plugin with an absolute path."""
        return PluginPath(self.path.resolve(), self.name)

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{self.name}={self.path}" if self.name else str(self.path)


@dataclass(frozen=True)
class OtherRegistry:
    """Something else than operators that a person's file may register, such as judges.

    Attributes:
        known: returns name → what is registered under it.
        forget: removes what is registered under these names.
    """

    known: Callable[[], Mapping[str, object]]
    forget: Callable[[Iterable[str]], None]


@dataclass(frozen=True)
class _Loaded:
    """A plugin that this process loaded.

    Attributes:
        sha256: of the file, of the bank's index, or over the folder's models, when it was read; hex.
        names: of its operators.
        registered: its operators that were not known before.
        others: what else it registered: registry, name and object.
    """

    sha256: str
    names: tuple[str, ...]
    registered: tuple[Distortion, ...]
    others: tuple[tuple[OtherRegistry, str, object], ...] = ()

    @property
    def active(self) -> bool:
        """Whether all that it registered is still registered."""
        return all(operators().get(op.name) is op for op in self.registered) and all(
            registry.known().get(name) is thing for registry, name, thing in self.others
        )

    def unload(self) -> None:
        """Remove what it registered."""
        forget(self.registered)
        for registry, name, _ in self.others:
            registry.forget([name])


_loaded: dict[PluginPath, _Loaded] = {}
_of_run: set[PluginPath] = set()
_other_registries: list[OtherRegistry] = []


def add_registry(registry: OtherRegistry) -> None:
    """Let files register something else than operators."""
    _other_registries.append(registry)


def plugin_sha256(thing: object) -> str | None:
    """Return the sha256 (hex) of the file that registered something in an `OtherRegistry`; None: no file did."""
    for plugin in _loaded.values():
        if any(other is thing for _, _, other in plugin.others):
            return plugin.sha256
    return None


def load_plugin(plugin: str | Path, *, fitted: bool = True) -> list[str]:
    """Import a person's operator file, or load a bank of networks or a folder of ncnn models.

    Loading a plugin again changes nothing.

    Args:
        plugin: a Python file that registers operators, or the folder of a bank or of ncnn models. With ``NAME=FOLDER``
            the names of the folder's operators start with NAME, so that several can be used together; see `load_bank`
            and `load_models`.
        fitted: use the table of severities beside a Python file, if there is one.

    Returns:
        The names of its operators.

    Raises:
        BappsmithError: the file does not exist, fails to import, registers nothing, or changed after this process
            loaded it; or its table of severities does not fit it; or the folder is neither a bank nor one of models,
            or one of its models is invalid; or another operator has one of the names.
    """
    path = PluginPath.parse(plugin).resolve()
    loaded = _loaded.get(path)
    if loaded is None or not loaded.active:
        loaded = _loaded[path] = _load_folder(path) if path.path.is_dir() else _load_file(path, fitted)
    elif loaded.sha256 != _digest(path):
        raise BappsmithError(f"plugin {plugin} was changed after it was loaded; start a new process to load it again")
    return list(loaded.names)


def use_plugins(plugins: Sequence[str | Path]) -> None:
    """Load the plugins of one run, after unloading those of the previous run in this process.

    So each run has exactly its own plugins, as they are on disk now. Plugins loaded by `load_plugin` stay loaded.

    Raises:
        BappsmithError: see `load_plugin`.
    """
    for path in _of_run:
        _loaded.pop(path).unload()
    _of_run.clear()
    for plugin in plugins:
        path = PluginPath.parse(plugin).resolve()
        loaded_before = path in _loaded and _loaded[path].active
        load_plugin(plugin)
        if not loaded_before:
            _of_run.add(path)


def foreign_sources(names: Iterable[str]) -> dict[str, str]:
    """Find those of these operators that are not part of bappsmith, and hash what defines them.

    Args:
        names: of registered operators. Registered operators that these are built from are added.

    Returns:
        Name → sha256 (hex) of the file that defines the operator, or of its bank. Imports of such a file are not
        included.

    Raises:
        BappsmithError: an operator is unknown, or was not defined in a file.
    """
    of_files = {op: plugin.sha256 for plugin in _loaded.values() for op in plugin.registered}
    sources: dict[str, str] = {}
    for name in _with_inner(names):
        known = operator(name)
        module = type(known).__module__
        own = module.startswith(f"{__package__}.")
        if known.content:
            sources[name] = known.content
        elif known in of_files and (own or module.startswith(MODULE_PREFIX)):
            sources[name] = of_files[known]
        elif not own:
            sources[name] = _sha256_of_class(known)
        elif known.family == "custom":  # a person's instance of one of our classes, such as a pipeline
            raise _not_in_a_file(known)
    return sources


def _with_inner(names: Iterable[str]) -> list[str]:
    known = operators()
    pending = [operator(name) for name in names]
    closure: set[str] = set()
    while pending:
        op = pending.pop()
        if known.get(op.name) is op:
            closure.add(op.name)
        pending += op.inner
    return sorted(closure)


def folder_files(folder: Path) -> list[Path]:
    """Return the files of a bank, or of a folder of ncnn models, that its operators need."""
    if (folder / INDEX).exists():
        return [folder / INDEX, *sorted((folder / "networks").iterdir())]
    return model_files(folder)


def _load_folder(given: PluginPath) -> _Loaded:
    from bappsmith.distortions.cnn.loading import load_bank
    from bappsmith.distortions.ncnn.loading import load_models

    before = operators()
    load = load_models if _holds_models(given.path) else load_bank
    names = load(given.path, given.name)
    registered = tuple(operator(name) for name in names if name not in before)
    return _Loaded(_digest(given), tuple(names), registered)


def _load_file(given: PluginPath, fitted: bool) -> _Loaded:
    """Run exactly the bytes that are hashed: Python's import could use an older compiled copy."""
    file = given.path
    if not file.is_file():
        raise BappsmithError(f"plugin {given}: no such file or folder")
    if file.suffix != ".py":
        raise BappsmithError(f"plugin {given}: not a Python file (expected a name ending in .py)")
    if given.name:
        raise BappsmithError(f"plugin {given}: only a folder takes a name; give {file} without one")
    source = file.read_bytes()
    curves = read_table(table_beside(file)).operators if fitted and table_beside(file).exists() else {}
    digest = _digest(given)
    before, others_before = operators(), _others()
    module = ModuleType(f"{MODULE_PREFIX}{hashlib.sha256(str(file).encode()).hexdigest()[:12]}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module
    failed: Exception | None = None
    try:
        exec(compile(source, str(file), "exec"), module.__dict__)
    except Exception as error:  # a person's file may raise anything
        failed = error
    registered = tuple(op for name, op in operators().items() if before.get(name) is not op)
    new = {key: thing for key, thing in _others().items() if others_before.get(key) is not thing}
    loaded = _Loaded(
        digest,
        tuple(op.name for op in registered),
        registered,
        tuple((_other_registries[number], name, thing) for (number, name), thing in new.items()),
    )
    if failed is not None:
        loaded.unload()
        del sys.modules[module.__name__]
        if isinstance(failed, BappsmithError):
            raise failed
        message = " ".join(f"{type(failed).__name__}: {failed}".split())
        raise BappsmithError(f"plugin {given} fails to import: {message}") from failed
    if not registered and not new:
        raise BappsmithError(
            f"plugin {given} registers no operator and no judge; decorate the class with @register or @register_judge"
        )
    for op in registered:
        curve = curves.get(op.name)
        if curve is not None and curve.declaration != declaration_of(op.parameters):
            loaded.unload()
            del sys.modules[module.__name__]
            raise BappsmithError(
                f"{table_beside(file)} was fitted to other parameters of '{op.name}' than {file.name} declares now; "
                "fit it again with bappsmith calibrate, or remove the file"
            )
        op.curve = curve
    return loaded


def _others() -> dict[tuple[int, str], object]:
    """Return (number of the other registry, name) → what is registered there."""
    return {
        (k, name): thing for k, registry in enumerate(_other_registries) for name, thing in registry.known().items()
    }


def table_beside(file: Path) -> Path:
    """Return where the table of severities of a plugin file is: `my_op.severity.json` for `my_op.py`."""
    return file.with_suffix(".severity.json")


def _digest(given: PluginPath) -> str:
    """Return the sha256 (hex) of a bank's index; over ncnn models; or of a Python file, and its table if it has one."""
    if _holds_models(given.path):
        return files_sha256(model_files(given.path))
    if given.path.is_dir():
        return _sha256(given.path / INDEX)
    source, table = _sha256(given.path), table_beside(given.path)
    return hashlib.sha256(f"{source}{_sha256(table)}".encode()).hexdigest() if table.exists() else source


def _holds_models(path: Path) -> bool:
    return path.is_dir() and not (path / INDEX).exists() and bool(model_files(path))


def _sha256(file: Path) -> str:
    try:
        return sha256_file(file)
    except OSError as error:
        raise BappsmithError(f"plugin {file}: cannot be read ({error.strerror or error})") from error


def _sha256_of_class(known: Distortion) -> str:
    try:
        return sha256_file(Path(inspect.getfile(type(known))))
    except (TypeError, OSError) as error:
        raise _not_in_a_file(known) from error


def _not_in_a_file(known: Distortion) -> BappsmithError:
    return BappsmithError(
        f"operator '{known.name}' was not defined in a file, so nobody could make its dataset again; put it into a "
        "file and give that file with --plugin"
    )
