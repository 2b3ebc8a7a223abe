"""Read a folder of ncnn models: pairs of NAME.param, the graph as text, and NAME.bin, the weights."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.bounded import read_bounded

from .running import LoadedModel, load_model
from .trial import scales

PARAM, WEIGHTS = ".param", ".bin"
"""Endings of the two files of a model."""
PARAM_BYTES = 4 << 20
"""Largest .param file; that of a network with 700 layers has 100 kB."""
WEIGHT_BYTES = 1 << 29
"""Largest .bin file; 17 million float32 weights have 67 MB."""
FACTORS = (2, 3, 4)
"""How many times the patches are to be enlarged."""
_MAGIC = "7767517"
"""First line of a .param file, the version of its format."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


@dataclass(frozen=True, slots=True)
class Model:
    """A super-resolution model.

    Attributes:
        name: its files' name without ending.
        param: path of the graph.
        weights: path of the weights.
        param_sha256: of the graph's file, hex.
        weights_sha256: of the weights' file, hex.
        scale: how many times it enlarges along a side.
    """

    name: str
    param: Path
    weights: Path
    param_sha256: str
    weights_sha256: str
    scale: int


@dataclass(frozen=True)
class ModelFolder:
    """A folder of models.

    Attributes:
        root: the folder.
        models: sorted by name.
        by_factor: for each of `FACTORS`, the names of the models that serve it: those of that scale, else those of the
            next larger one, whose results are reduced.
        sha256: over names and files of all models, hex.
    """

    root: Path
    models: tuple[Model, ...]
    by_factor: dict[int, tuple[str, ...]]
    sha256: str


def model_files(root: Path) -> list[Path]:
    """Return the files of models in a folder, sorted; empty if it has none."""
    return sorted(path for path in root.iterdir() if path.suffix in (PARAM, WEIGHTS))


def files_sha256(files: list[Path]) -> str:
    """Return the sha256 (hex) over names and contents of files of models."""
    content = [[path.name, hashlib.sha256(_read(path)).hexdigest()] for path in files]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def read_models(root: Path | str) -> ModelFolder:
    """Read a folder of models. Each of them enlarges a small image once, in a process of its own.

    Raises:
        BappsmithError: ncnn is not installed; the folder has no model; a model lacks a file, cannot be read, fails, or
            has another scale than 2, 3 and 4; or no model serves one of these factors.
    """
    root = Path(root).resolve()
    if find_spec("ncnn") is None:
        raise BappsmithError(f"{root}: models of ncnn need ncnn, which is not installed: pip install 'bappsmith[ncnn]'")
    pairs = _pairs(root)
    hashes = {name: [hashlib.sha256(_read(file)).hexdigest() for file in pair] for name, pair in pairs.items()}
    found = dict(zip(pairs, scales(dict(pairs.values())), strict=True))
    for name, scale in found.items():
        if scale not in FACTORS:
            raise BappsmithError(
                f"model {root / name}: enlarges {scale} times, and patches are enlarged 2, 3 or 4 times; remove it"
            )
    by_factor = {factor: _serving(found, factor) for factor in FACTORS}
    for factor, names in by_factor.items():
        if not names:
            raise BappsmithError(
                f"{root}: its models enlarge at most {max(found.values())} times, and patches are enlarged up to 4 "
                f"times; add a model for {factor} times"
            )
    models = tuple(Model(name, *pair, *hashes[name], scale=found[name]) for name, pair in pairs.items())
    content = [[model.name, model.param_sha256, model.weights_sha256, model.scale] for model in models]
    return ModelFolder(root, models, by_factor, hashlib.sha256(json.dumps(content).encode()).hexdigest())


@lru_cache(maxsize=16)
def loaded(model: Model) -> LoadedModel:
    """Load a model. The last 16 stay in memory.

    Raises:
        BappsmithError: its files are missing, or are not those that the folder was read with.
    """
    for file, sha256 in ((model.param, model.param_sha256), (model.weights, model.weights_sha256)):
        if hashlib.sha256(_read(file)).hexdigest() != sha256:
            raise BappsmithError(f"model {file}: was changed after it was loaded; start again, or restore the file")
    return load_model(model.param, model.weights)


def _pairs(root: Path) -> dict[str, tuple[Path, Path]]:
    """Return name → .param and .bin, after checking what needs no ncnn."""
    files = model_files(root)
    if not files:
        raise BappsmithError(f"{root}: no model of ncnn; put pairs NAME{PARAM} and NAME{WEIGHTS} there")
    pairs: dict[str, tuple[Path, Path]] = {}
    for file in files:
        other = file.with_suffix(WEIGHTS if file.suffix == PARAM else PARAM)
        if not other.is_file():
            raise BappsmithError(
                f"model {file}: {other.name} is missing; a model of ncnn is a pair NAME{PARAM} and NAME{WEIGHTS}"
            )
        if not _NAME.fullmatch(file.stem):
            raise BappsmithError(
                f"model {root / printable(file.name)}: a name must have at most 100 letters, digits and . _ + - and "
                "start with a letter or digit; rename both files"
            )
        pairs[file.stem] = file.with_suffix(PARAM), file.with_suffix(WEIGHTS)
    for param, _ in pairs.values():
        _check_param(param)
    return pairs


def _check_param(param: Path) -> None:
    try:
        first = _read(param).decode("ascii").partition("\n")[0].strip()
    except UnicodeDecodeError:
        first = ""
    if first != _MAGIC:
        raise BappsmithError(
            f"model {param}: not a {PARAM} file of ncnn as text (its first line must be {_MAGIC}); convert the model "
            "again, with pnnx"
        )


def _serving(found: dict[str, int], factor: int) -> tuple[str, ...]:
    scale = min((scale for scale in found.values() if scale >= factor), default=0)
    return tuple(name for name in found if found[name] == scale)


def _read(file: Path) -> bytes:
    return read_bounded(file, PARAM_BYTES if file.suffix == PARAM else WEIGHT_BYTES)
