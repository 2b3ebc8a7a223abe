"""The registry of judges, name → class: files in `pipeline/judges`, and calls of `register_judge`."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bappsmith.distortions.plugins import OtherRegistry, add_registry, plugin_sha256
from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.manifests.store.atomic import sha256_file

from .judge import Judge

_J = TypeVar("_J", bound=type[Judge])
HOME = "bappsmith.pipeline.judges"
"""Package of the judges of this repository."""

_judges: dict[str, type[Judge]] = {}


def register_judge(judge: _J) -> _J:
    """Register a judge under its name. Use it as a decorator.

    A class that is defined again replaces itself, so that a cell of a notebook can run twice.

    Raises:
        BappsmithError: another judge has that name.
    """
    known = _judges.get(judge.name)
    if known is not None and _origin(known) != _origin(judge):
        raise BappsmithError(
            f"judge '{judge.name}' is defined twice, in {_origin(known)} and {_origin(judge)}; rename one of them"
        )
    _judges[judge.name] = judge
    return judge


def judges() -> dict[str, type[Judge]]:
    """Return every known judge, name → class, sorted by name."""
    _discover()
    return dict(sorted(_judges.items()))


def make_judge(spec: JudgeSpec) -> Judge:
    """Return the judge that a recipe asks for.

    Raises:
        BappsmithError: no judge has that name, or a setting is unknown or not allowed; one line.
    """
    known = judges()
    if spec.kind not in known:
        raise unknown_name("judge", spec.kind, known)
    try:
        judge = known[spec.kind].model_validate(spec.settings)
    except ValidationError as error:
        raise BappsmithError(f"judge {spec.kind}: {explain(error, 'setting', known[spec.kind], {})}") from error
    if not judge.able:
        raise BappsmithError(
            f"judge {spec.kind} judges {' and '.join(judge.kinds)}, but not all of its judges do: "
            + ", ".join(f"{inner.name} judges {' and '.join(inner.able)}" for inner in judge.inner)
            + "; choose others"
        )
    return judge


def judge_source(judge: Judge) -> str | None:
    """Return the sha256 (hex) of the file that defines a judge, and of the files that it and its inner judges read.

    Returns:
        None if the judge and its inner judges are of bappsmith and read no file.

    Raises:
        BappsmithError: it was not defined in a file, so nobody could make its judgments again; or a file that it reads
            is missing.
    """
    kind = type(judge)
    files = [_sha256(file, judge) for file in judge.files]
    if not kind.__module__.startswith(f"{HOME}."):
        files.insert(0, plugin_sha256(kind) or _sha256_of_class(kind))
    files += [source for inner in judge.inner if (source := judge_source(inner)) is not None]
    return hashlib.sha256("".join(files).encode()).hexdigest() if files else None


def _sha256(file: Path, judge: Judge) -> str:
    try:
        return sha256_file(file)
    except OSError as error:
        raise BappsmithError(f"judge {judge.name}: {file} cannot be read ({error.strerror or error})") from error


def _sha256_of_class(kind: type[Judge]) -> str:
    try:
        return sha256_file(Path(inspect.getfile(kind)))
    except (TypeError, OSError) as error:
        raise BappsmithError(
            f"judge '{kind.name}' was not defined in a file, so nobody could judge again; put it into a file and give "
            "that file with --plugin"
        ) from error


def _origin(judge: type[Judge]) -> str:
    return f"{judge.__module__}.{judge.__qualname__}"


def _forget(names: Iterable[str]) -> None:
    for name in names:
        _judges.pop(name, None)


@cache
def _discover() -> None:
    """Import every module of `pipeline/judges`, once per process. Networks are imported when they are first used."""
    package = importlib.import_module(HOME)
    for module in pkgutil.iter_modules(package.__path__, prefix=f"{HOME}."):
        importlib.import_module(module.name)


add_registry(OtherRegistry(judges, _forget))
